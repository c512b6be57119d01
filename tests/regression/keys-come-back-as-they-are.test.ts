import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { credentialOf, EVENTUAL, GATEWAY_CONFIG, namespacePath, STRONG } from "../../testbed/gateway-fixture.ts";
import { type GatewayInWorkerd, startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { campaign } from "../support/campaign.ts";
import { emulateNamespace } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";

type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** What decoders drop or replace: marks of the byte order, NUL, separators of lines, what is composed, what is escaped. */
const PIECES = [
  "\uFEFF",
  "\u0000",
  "\u2028",
  "\u00E9",
  "e\u0301",
  "\u{1F511}",
  "%",
  "+",
  " ",
  "\\",
  '"',
  "a",
  "\uFFFD",
];
const key = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
const keys = fc.uniqueArray(key, { minLength: 11, maxLength: 25 });

/** Keys that begin alike and end differently: of what begins with a mark, the next page began before the mark. */
const MARKED = Array.from({ length: 25 }, (_, index) => `\uFEFFkey-${String(index).padStart(2, "0")}`);

async function listed(call: Call, most: number): Promise<string[]> {
  const names: string[] = [];
  let cursor = "";
  // A page that comes again and again is a failure, not a test without end.
  for (let page = 0; page <= most; page += 1) {
    const answer = (await call("GET", `/keys?limit=10&cursor=${encodeURIComponent(cursor)}`)) as {
      result: { name: string }[];
      result_info: { cursor: string };
    };
    names.push(...answer.result.map(({ name }) => name));
    ({ cursor } = answer.result_info);
    if (cursor === "") return names;
  }
  throw new Error(`more than ${String(most)} pages`);
}

/** Puts pairs, lists them, reads each, and deletes what was listed: nothing else goes, and nothing is left. */
async function roundTrip(call: Call, names: readonly string[]): Promise<void> {
  await call(
    "PUT",
    "/bulk",
    names.map((name) => ({ key: name, value: `value of ${name}` })),
  );
  const found = await listed(call, names.length);
  expect(new Set(found)).toEqual(new Set(names));
  expect(found).toHaveLength(names.length);
  const read = (await call("POST", "/bulk/get", { keys: found })) as { result: { values: Record<string, string> } };
  for (const name of names) expect(read.result.values[name]).toBe(`value of ${name}`);
  const [one = ""] = found;
  await call("DELETE", `/values/${encodeURIComponent(one)}`);
  expect(await listed(call, names.length)).toEqual(found.slice(1));
  await call("POST", "/bulk/delete", found);
  expect(await listed(call, 1)).toEqual([]);
}

function suite(open: () => Call | Promise<Call>): void {
  it("come back from lists as they were put, also where they begin with a mark of the byte order", async () => {
    await expect(roundTrip(await open(), MARKED)).resolves.toBeUndefined();
  });

  it("come back as they were put, whatever is in them", async () => {
    await fc.assert(
      fc.asyncProperty(keys, async (names) => roundTrip(await open(), names)),
      { numRuns: campaign(15) },
    );
  });
}

describe.each([STRONG, EVENTUAL])("keys of the gateway, $consistency", (namespace) => {
  let gateway: GatewayInWorkerd;

  beforeAll(async () => {
    gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  suite(() => async (method, path, body) => {
    const response = await fetch(`${gateway.url}${namespacePath(namespace.id)}${path}`, {
      method,
      headers: { authorization: `Bearer ${credentialOf("dev-application-a1")}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.json();
  });
});

describe("keys of the emulated REST API", () => {
  suite(async () => {
    const { call, path } = await emulateNamespace();
    return async (method, below, body) => {
      const answer = await call(method, `${path}${below}`, body === undefined ? {} : { body: JSON.stringify(body) });
      return JSON.parse(Buffer.from(answer.bytes).toString()) as unknown;
    };
  });
});
