import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { credentialOf, EVENTUAL, GATEWAY_ACCOUNT, GATEWAY_CONFIG, STRONG } from "../../testbed/gateway-fixture.ts";
import { type GatewayInWorkerd, startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { type Answer, DialectClient, form, outcome } from "../contract/kv-dialect/client.ts";
import type { KvDialect } from "../contract/kv-dialect/dialect.ts";
import { campaign } from "../support/campaign.ts";
import { ACCOUNT, BASE_URL, emulateCloudflare } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";

const STEPS = 50;
/** The clocks of the three are not the same, and each lifetime counts from its own. */
const TOLERANCE_SECONDS = 300;
const HOUR = 3600;

interface Pair {
  readonly key: string;
  readonly value: string;
  readonly [field: string]: unknown;
}

/** One call; keys without what sets a run apart. */
type Step =
  | { readonly do: "put"; readonly key: string; readonly value: Uint8Array; readonly query: string }
  | { readonly do: "form"; readonly key: string; readonly value: Uint8Array; readonly metadata: string }
  | { readonly do: "get" | "metadata" | "delete"; readonly key: string }
  | { readonly do: "bulk"; readonly pairs: readonly Pair[]; readonly mark: boolean }
  | { readonly do: "bulkDelete"; readonly keys: readonly unknown[] }
  | { readonly do: "bulkGet"; readonly keys: readonly string[]; readonly options: object }
  | { readonly do: "list"; readonly prefix: string; readonly limit: string };

const UNITS = ["a", "b", "/", "%", "%2F", ".", " ", "+", "?", "#", "ü", "\ufeff", "\ue000", "\u{1f600}", "\u0000", "_"];

// Few keys, so that steps meet; the odd ones of URLs and of Unicode among them.
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("a", "b", "ab", "a/b", "a%2Fb", "__proto__", "constructor", "") },
  { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom(...UNITS), maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom("k".repeat(508), "k".repeat(509), "ü".repeat(255)) },
);
const soon = Math.floor(Date.now() / 1000);
const end = fc.constantFrom(
  "",
  "",
  "",
  "expiration_ttl=3600",
  "expiration_ttl=3600.0",
  "expiration_ttl=0",
  "expiration_ttl=-1",
  "expiration_ttl=x",
  "expiration_ttl=1e3",
  "expiration_ttl=99999999999999999999",
  "expiration=0",
  `expiration=${String(soon + 2 * HOUR)}`,
  `expiration=${String(Date.now())}`,
  "expiration=1.5",
);
const metadata = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.constantFrom("m".repeat(1022), "m".repeat(1023), "ü".repeat(511)) },
);
const jsonEnd = fc.constantFrom<object>(
  {},
  {},
  { expiration: null },
  { expiration_ttl: null },
  { expiration_ttl: 3600 },
  { expiration_ttl: 3600.5 },
  { expiration: soon + 2 * HOUR },
  { expiration_ttl: "60" },
  { expiration: Date.now() },
  { expiration_ttl: 0 },
);
const pair: fc.Arbitrary<Pair> = fc
  .tuple(
    key,
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 8 }),
      fc.constantFrom("1", '{"a":[1]}', "*", "AP8=", "\ufeffx", "\ufffd"),
    ),
    fc.option(fc.boolean(), { nil: undefined }),
    fc.option(metadata, { nil: undefined }),
    jsonEnd,
  )
  .map(([name, value, base64, meta, ending]) => ({ key: name, value, base64, metadata: meta, ...ending }));
const value = fc.uint8Array({ maxLength: 12 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("put" as const), key, value, query: end }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("form" as const),
      key,
      value,
      metadata: fc.oneof(
        metadata.map((one) => JSON.stringify(one)),
        fc.constantFrom("{", "", "null", " 1 "),
      ),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("get" as const, "metadata" as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete" as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("bulk" as const),
      pairs: fc.array(pair, { maxLength: 5 }),
      mark: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("bulkDelete" as const),
      keys: fc.array(fc.oneof({ weight: 9, arbitrary: key }, { weight: 1, arbitrary: fc.constant(1) }), {
        maxLength: 4,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("bulkGet" as const),
      keys: fc.uniqueArray(key, { maxLength: 5 }),
      options: fc.constantFrom<object>({}, {}, { type: "json" }, { withMetadata: true }, { type: "bytes" }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("list" as const),
      prefix: fc.oneof(fc.constant(""), key),
      limit: fc.constantFrom("", "10", "11", "1000", "9", "1001", "10.0", "x"),
    }),
  },
);

/** Of each key but those that are refused as such: a run has keys of its own. */
const inRun = (run: string, name: string) => (name === "" ? name : `${run}${name}`);

async function taken(client: DialectClient, run: string, one: Step): Promise<unknown> {
  switch (one.do) {
    case "put":
      return seen(
        await client.value("PUT", inRun(run, one.key), { body: Uint8Array.from(one.value), query: `?${one.query}` }),
      );
    case "form": {
      const body = form({ value: new Blob([Uint8Array.from(one.value)]), metadata: one.metadata });
      return seen(await client.value("PUT", inRun(run, one.key), { body }));
    }
    case "get": {
      const answer = await client.value("GET", inRun(run, one.key));
      return answer.status === 200 ? { status: 200, bytes: [...answer.bytes] } : outcome(answer);
    }
    case "metadata":
      return seen(await client.metadata(inRun(run, one.key)));
    case "delete":
      return seen(await client.value("DELETE", inRun(run, one.key)));
    case "bulk": {
      const pairs = JSON.stringify(one.pairs.map((each) => ({ ...each, key: inRun(run, each.key) })));
      return ofMany(await client.call("PUT", "/bulk", { body: `${one.mark ? "\ufeff" : ""}${pairs}` }));
    }
    case "bulkDelete": {
      const keys = one.keys.map((each) => (typeof each === "string" ? inRun(run, each) : each));
      return ofMany(await client.call("POST", "/bulk/delete", { body: JSON.stringify(keys) }));
    }
    case "bulkGet":
      return ofMany(await client.bulkGet({ keys: one.keys.map((each) => inRun(run, each)), ...one.options }));
    case "list":
      return listed(client, `${run}${one.prefix}`, one.limit);
    default:
      return one satisfies never;
  }
}

/** What an answer says, but for the words of a refusal. */
function seen(answer: Answer): unknown {
  return answer.status === 200 ? { status: 200, result: answer.result } : outcome(answer);
}

/** Of several items that break rules nobody says which one is named. */
function ofMany(answer: Answer): unknown {
  return answer.status >= 400 && answer.status < 500 ? { refused: true, code: answer.code } : seen(answer);
}

/** All pages of a list, whose cursors each has in a form of its own. */
async function listed(client: DialectClient, prefix: string, limit: string): Promise<unknown> {
  const keys: unknown[] = [];
  let cursor = "";
  do {
    const answer = await client.list({ prefix, cursor, ...(limit === "" ? {} : { limit }) });
    if (answer.status !== 200) return outcome(answer);
    keys.push(...(answer.result as unknown[]));
    cursor = answer.info?.cursor ?? "";
  } while (cursor !== "");
  return keys;
}

/** With ends as the first one has them, where they are nearly the same; a binding does not tell those of values. */
function aligned(answer: unknown, reference: unknown): unknown {
  if (Array.isArray(answer) && Array.isArray(reference))
    return answer.map((item: unknown, index) => aligned(item, (reference as unknown[])[index]));
  if (typeof answer !== "object" || answer === null || typeof reference !== "object" || reference === null)
    return answer;
  const there = new Map(Object.entries(reference));
  const own = Object.entries(answer).map(([name, item]: [string, unknown]) => {
    const other = there.get(name);
    const isNear =
      name === "expiration" &&
      typeof item === "number" &&
      typeof other === "number" &&
      Math.abs(item - other) <= TOLERANCE_SECONDS;
    return [name, isNear ? other : aligned(item, other)] as const;
  });
  return Object.fromEntries(own);
}

function withoutEnds(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer, (name, item: unknown) => (name === "expiration" ? undefined : item)));
}

function clientOf(dialect: Pick<KvDialect, "fetch" | "baseUrl" | "token" | "accountId" | "namespace">): DialectClient {
  const common = { minTtlSeconds: 60, tellsExpiration: true, now: () => Date.now() };
  return new DialectClient(() => ({ ...common, ...dialect, [Symbol.asyncDispose]: () => Promise.resolve() }));
}

/** One for each run: Cloudflare's API takes 1,200 calls in five minutes, and its clock stands still here. */
async function freshEmulator(): Promise<DialectClient> {
  const { emulator, clock, createNamespace, bootstrap } = emulateCloudflare();
  clock.set(new Date().toISOString());
  const namespace = { id: await createNamespace(), title: "sessions" };
  return clientOf({ fetch: emulator.fetch, baseUrl: BASE_URL, token: bootstrap, accountId: ACCOUNT, namespace });
}

describe("the same calls on the emulated REST API, and on the gateway in workerd with both classes", () => {
  let gateway: GatewayInWorkerd;
  let others: readonly DialectClient[];

  beforeAll(async () => {
    gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
    others = [STRONG, EVENTUAL].map((namespace) =>
      clientOf({
        fetch: (request) => fetch(request),
        baseUrl: `${gateway.url}/client/v4`,
        token: credentialOf("dev-application-a1"),
        accountId: GATEWAY_ACCOUNT,
        namespace,
      }),
    );
  });

  afterAll(() => gateway[Symbol.asyncDispose]());

  test("are answered alike", async () => {
    let [runs, calls] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: STEPS, size: "max" }), async (steps) => {
        const emulator = await freshEmulator();
        runs += 1;
        const run = `${String(runs).padStart(3, "0")}/`;
        calls += steps.length;
        for (const one of steps) {
          const expected = await taken(emulator, run, one);
          for (const client of others) {
            const found = aligned(await taken(client, run, one), expected);
            const { title } = client.dialect.namespace;
            // Of single values the binding of an eventual namespace tells no end; its lists do.
            const isSilent = one.do === "bulkGet" && title === EVENTUAL.title;
            const wanted = isSilent ? withoutEnds(expected) : expected;
            expect({ title, one, found }).toEqual({ title, one, found: wanted });
          }
        }
      }),
      { numRuns: campaign(120) },
    );
    // About 23 of a run.
    expect(calls).toBeGreaterThanOrEqual(2000);
  });
});
