import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { beforeAll, describe, expect, it } from "vitest";

import {
  attemptsAtHome,
  attemptsElsewhere,
  attemptsToWrite,
  cells,
  isValid,
  observe,
  outcomes,
  type Place,
} from "../support/isolation.ts";
import type { Observation } from "../support/isolation.ts";
import { isolationDocument } from "../support/isolation-document.ts";
import { type Environment, ENVIRONMENTS } from "../support/isolation-environments.ts";
import { type IsolatedGateways, openInMemory } from "../support/isolation-in-memory.ts";
import { OPERATIONS, requestOf, SENT_MARKS, targetOf, valueOf } from "../support/isolation-operations.ts";

const UNAUTHENTICATED =
  '{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}';
const OUT_OF_SCOPE =
  '{"success":false,"errors":[{"code":10013,"message":"namespace not found"}],"messages":[],"result":null}';
const DOCUMENT = fileURLToPath(new URL("../../docs/isolation.md", import.meta.url));

describe("who can reach what", () => {
  let opened: IsolatedGateways;
  let atHome: Observation[];
  let elsewhere: (Observation & { readonly place: Place })[];
  let toWrite: Observation[];
  let all: Observation[];
  let before: Content[];
  let after: Content[];

  beforeAll(async () => {
    opened = await openInMemory();
    before = await contents(opened);
    elsewhere = await observe(attemptsElsewhere(opened.environments), opened.send);
    toWrite = await observe(attemptsToWrite(opened.environments), opened.send);
    // Only who may write at home changes anything: the contents are compared before that.
    after = await contents(opened);
    atHome = await observe(attemptsAtHome(opened.environments), opened.send);
    all = [...atHome, ...elsewhere, ...toWrite];
  });

  it("is this at the gateway of one's own environment", () => {
    const nobody = ["401", "401", "401", "401", "401", "401", "401", "401"];
    const application = ["yes", "yes", "yes", "yes", "yes", "yes", "404", "405"];
    expect(Object.fromEntries([...cells(atHome)].map(([caller, row]) => [caller, [...row.values()]]))).toEqual({
      application,
      "application, draining slot": application,
      "application, address in `allowedIps`": application,
      "application, read access": ["yes", "404", "404", "yes", "yes", "yes", "404", "404, 405"],
      "application, of another namespace": ["404", "404", "404", "yes", "yes", "404", "404", "404, 405"],
      operator: ["yes", "yes", "yes", "yes", "yes", "yes", "yes", "405"],
      "application, other address": nobody,
      expired: nobody,
      suspended: nobody,
      revoked: nobody,
      "of another environment": nobody,
      "one character changed": nobody,
      malformed: nobody,
      none: nobody,
    });
  });

  it("is nothing everywhere else, whatever the path and the method", () => {
    const wrong = elsewhere.filter((seen) => seen.status !== (isValid(seen) ? 404 : 401));
    expect(wrong.map(describeAttempt)).toEqual([]);
    // It would also hold for nothing at all.
    expect(new Set(elsewhere.map(({ place, status }) => `${place}: ${status}`)).size).toBe(4);
    expect(elsewhere.length).toBeGreaterThan(50_000);
  });

  it("is nothing where a credential may only read, or reaches another namespace", () => {
    const done = toWrite.filter(({ status }) => status === 200);
    expect(done.map(describeAttempt)).toEqual([]);
    expect(outcomes(toWrite.filter(({ operation }) => /PUT|DELETE/.test(operation.method)))).toBe("404");
    expect(toWrite.length).toBeGreaterThan(400);
  });

  it("gives the same bytes to all who are turned away for the same reason", () => {
    const bodies = (status: number) =>
      new Set(all.filter((seen) => seen.status === status && seen.operation.method !== "HEAD").map(({ body }) => body));
    expect(bodies(401)).toEqual(new Set([UNAUTHENTICATED]));
    expect(bodies(404)).toEqual(new Set([OUT_OF_SCOPE]));
  });

  it("leaves every namespace as it was", () => {
    expect(after).toEqual(before);
    expect(after.map(({ value }) => value)).toEqual(after.map(({ expected }) => expected));
    expect(after).toHaveLength(6);
  });

  it("shows nobody anything of another environment", () => {
    const leaks = all.filter(({ of, body }) =>
      ENVIRONMENTS.some((name) => name !== of && tracesOf(opened.environments[name]).some((one) => body.includes(one))),
    );
    expect(leaks.map(describeAttempt)).toEqual([]);
    const own = all.filter(({ of, body }) => tracesOf(opened.environments[of]).some((one) => body.includes(one)));
    expect(own.length).toBeGreaterThan(100);
  });

  it("repeats nothing that was sent, and no hash of it, in a refusal or in the log", () => {
    const lines = ENVIRONMENTS.flatMap((name) => opened.gateways[name].log).map((line) => JSON.stringify(line));
    const refusals = all.filter(({ status }) => status !== 200).map(({ body }) => body);
    expect(new Set([...lines, ...refusals].filter((text) => leaks(opened, text)))).toEqual(new Set());
    expect(lines.length).toBeGreaterThan(50_000);
  });

  it("stands in the document as it was seen", () => {
    expect(readFileSync(DOCUMENT, "utf8")).toBe(isolationDocument(atHome, elsewhere));
  });
});

function tracesOf({ config, secrets }: Environment): string[] {
  // The account is not among them: two environments share one.
  return [...config.namespaces.flatMap(({ id, title }) => [id, title]), ...secrets];
}

/** Whether a text holds something that a caller sent or that follows from it. */
function leaks({ environments }: Pick<IsolatedGateways, "environments">, text: string): boolean {
  const secrets = ENVIRONMENTS.flatMap((name) => environments[name].secrets);
  return [...SENT_MARKS, ...secrets].some((mark) => text.includes(mark));
}

interface Content {
  readonly expected: string;
  readonly value: string;
  /** The page of a list. */
  readonly keys: string;
}

/** What the operator of each environment finds in each of its namespaces. */
async function contents({ environments, send }: IsolatedGateways): Promise<Content[]> {
  const found: Content[] = [];
  for (const environment of Object.values(environments)) {
    for (const namespace of [environment.sessions, environment.cache]) {
      const target = targetOf(environment, namespace);
      const read = async (wanted: string): Promise<string> => {
        const operation = OPERATIONS.find(({ name }) => name === wanted);
        if (operation === undefined) throw new Error(`there is no operation "${wanted}"`);
        const [operator = {}] = environment.presented.operator;
        return (await send(environment.name, requestOf(operation, target, operator))).text();
      };
      found.push({ expected: valueOf(target), value: await read("get a value"), keys: await read("list keys") });
    }
  }
  return found;
}

function describeAttempt({ gateway, caller, of, operation, target, status }: Observation): string {
  return `${caller} of ${of} at ${gateway}: ${operation.method} ${operation.path(target)}: ${status}`;
}
