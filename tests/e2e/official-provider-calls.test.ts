import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import fixture from "../fixtures/official-provider-calls.json" with { type: "json" };
import { runRecordedSteps, type StepResult } from "../support/fixture-run.ts";
import { bySubject, type Call, IdMap, idsOf } from "../support/recorded-calls.ts";

const STEPS = Object.entries(fixture.program.steps).map(([name, text], index) => ({ name, text, index }));
const recordedCalls: readonly (Call & { readonly step: string })[] = fixture.exchanges;

let folder: string;
let results: readonly StepResult[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kvshift-recorded-"));
  results = await runRecordedSteps(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the local provider plugins", () => {
  it("make every call of the official ones, with answers of the same form", () => {
    const ids = new IdMap();
    const steps = STEPS.map(({ name, index }) => {
      const recorded = recordedCalls.filter(({ step }) => step === name);
      const calls = results[index]?.calls ?? [];
      ids.learn(recorded, calls);
      return { name, recorded: bySubject(recorded), observed: bySubject(calls.map((call) => ids.translate(call))) };
    });
    for (const { name, recorded, observed } of steps) expect({ [name]: observed }).toEqual({ [name]: recorded });
    expect(results.flatMap(({ calls }) => calls)).toHaveLength(recordedCalls.length);
  });

  it.each(STEPS)("lead the engine to the operations of step $name", ({ name, text, index }) => {
    // The first step's text describes the program; it creates the stack and seven resources.
    const expected = name === "1-create" ? { create: 8 } : statedCounts(text);
    expect(results[index]?.counts).toEqual(expected);
  });

  it("leave no secret in clear in what the engine writes", async () => {
    const secrets = tokenValues(results).concat("https://example.upstash.io");
    expect(secrets).toHaveLength(3);
    const files = await readAll(join(folder, "state"));
    const leaking = files.filter(({ text }) => secrets.some((secret) => text.includes(secret)));
    expect(leaking.map(({ path }) => path)).toEqual([]);
    // The same files name what they encrypt: the search was not in vain.
    const naming = files.filter(({ text }) => text.includes("CLOUDFLARE_KV_API_TOKEN") && text.includes("ciphertext"));
    expect(naming.length).toBeGreaterThan(0);
  });
});

/** "1 create, 2 update, 6 same" at the end of a step's text. */
function statedCounts(text: string): Record<string, number> {
  return Object.fromEntries(
    [...text.matchAll(/(\d+) (same|create|update|replace|delete)\b/g)].map(([, count, operation]) => [
      operation,
      Number(count),
    ]),
  );
}

function tokenValues(steps: readonly StepResult[]): string[] {
  const minted = steps
    .flatMap(({ calls }) => calls)
    .filter(({ method, path }) => method === "POST" && path.endsWith("/tokens"));
  return minted.map(({ response }) => idsOf(response)[1] ?? "");
}

async function readAll(root: string): Promise<readonly { path: string; text: string }[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, "utf8") })));
}
