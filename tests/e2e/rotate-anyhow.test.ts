import fc from "fast-check";
import { expect, it, vi } from "vitest";

import type { CallFault } from "../../local-cloud/http/faults.ts";
import { ROLES } from "../../src/core/names.ts";
import { campaign, isSoak } from "../support/campaign.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { startTraffic, type Traffic } from "../support/traffic.ts";
import { mintedTokens } from "../support/vendor-view.ts";

vi.setConfig({ testTimeout: (isSoak ? 360 : 10) * 60_000, hookTimeout: 300_000 });

const SERVICE = "srv-d0000000000000000001";
const COMMANDS = campaign(2);
/** Of a whole rotation, in which a run is killed. */
const LONGEST_MS = 30_000;
/** Done, a gate that is not met, a vendor that failed, a part done. Anything else is a bug or a usage error. */
const CLEAR_ENDS = [0, 3, 4, 5];

interface Real {
  readonly stage: LocalStage;
  readonly traffic: Traffic;
}
type Verb = "apply" | "abort";

/** What may befall an environment between two looks; each ends in the invariants. */
abstract class Command implements fc.AsyncCommand<object, Real> {
  check(): boolean {
    return true;
  }

  async run(_model: object, real: Real): Promise<void> {
    await this.act(real);
    await holds(real);
  }

  protected abstract act(real: Real): Promise<void>;
  abstract toString(): string;
}

class Finish extends Command {
  readonly #verb: Verb;

  constructor(verb: Verb) {
    super();
    this.#verb = verb;
  }

  protected async act({ stage }: Real): Promise<void> {
    const { code, stderr } = await stage.kvshift("rotate", this.#verb, "--stack", "dev", "--yes");
    // Going back is refused where there is nothing, or no longer anything, to go back to.
    endedAs(this.#verb === "apply" ? [0] : [0, 3], code, stderr);
  }

  toString(): string {
    return this.#verb;
  }
}

class Kill extends Command {
  readonly #verb: Verb;
  readonly #atMs: number;

  constructor(verb: Verb, atMs: number) {
    super();
    this.#verb = verb;
    this.#atMs = atMs;
  }

  protected async act({ stage }: Real): Promise<void> {
    const { code, stderr } = await stage.kvshiftProcess(["rotate", this.#verb, "--stack", "dev", "--yes"], (child) => {
      const timer = setTimeout(() => child.kill("SIGKILL"), this.#atMs);
      child.on("exit", () => {
        clearTimeout(timer);
      });
    });
    endedAs([null, 0, ...(this.#verb === "abort" ? [3] : [])], code, stderr);
  }

  toString(): string {
    return `${this.#verb}, killed after ${String(this.#atMs)} ms`;
  }
}

class Fail extends Command {
  readonly #verb: Verb;
  readonly #fault: CallFault;
  readonly #skip: number;

  constructor(verb: Verb, fault: CallFault, skip: number) {
    super();
    this.#verb = verb;
    this.#fault = fault;
    this.#skip = skip;
  }

  protected async act({ stage }: Real): Promise<void> {
    const { cloudflare, render } = stage.cloud;
    // An application's reads and writes are not the rotation's.
    const path = (call: { readonly path: string }) => !call.path.includes("/values/");
    for (const { faults } of [cloudflare, render])
      faults.add({ method: "*", path, skip: this.#skip, times: 3, fault: this.#fault });
    const { code, stderr } = await stage.kvshift("rotate", this.#verb, "--stack", "dev", "--yes");
    for (const { faults } of [cloudflare, render]) faults.clear();
    endedAs(CLEAR_ENDS, code, stderr);
  }

  toString(): string {
    return `${this.#verb}, ${JSON.stringify(this.#fault)} after ${String(this.#skip)} calls`;
  }
}

/** What the run said is part of what a failure shows. */
function endedAs(ends: readonly (number | null)[], code: number | null, stderr: string): void {
  expect({ code, stderr }).toSatisfy((end: { readonly code: number | null }) => ends.includes(end.code));
}

/** Every live service holds a working credential; at most two secrets of a role. */
async function holds({ stage, traffic }: Real): Promise<void> {
  expect(traffic.failures).toEqual([]);
  const tokens = await mintedTokens(stage.cloud, stage.cloud.accounts[0]?.id ?? "");
  for (const role of ROLES) expect(tokens.filter((name) => name.includes(`-${role}-`)).length).toBeLessThan(3);
}

const verb = fc.constantFrom<Verb>("apply", "apply", "abort");
const moment = fc.integer({ min: 0, max: LONGEST_MS });
const fault = fc.constantFrom<CallFault>(
  { kind: "answer", status: 429, headers: { "retry-after": "0" } },
  { kind: "answer", status: 500 },
  { kind: "lose-answer" },
  { kind: "drop" },
);
const command = fc.oneof(
  { weight: 1, arbitrary: verb.map((one) => new Finish(one)) },
  { weight: 3, arbitrary: fc.tuple(verb, moment).map(([one, at]) => new Kill(one, at)) },
  { weight: 2, arbitrary: fc.tuple(verb, fault, fc.nat(120)).map(([one, what, skip]) => new Fail(one, what, skip)) },
);

it("whatever is run, killed, aborted or fails: each live service holds a credential that works, and a role two secrets at most", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: COMMANDS, maxLength: COMMANDS }), async (commands) => {
      await using stage = await createLocalStage({}, { clock: "system", access: "gateway", timeScale: 600 });
      await stage.kvshiftJson("up", "--stack", "dev", "--yes", "--deploy");
      const traffic = startTraffic([stage.cloud.urlOf(SERVICE) ?? ""]);
      const real = { stage, traffic };
      try {
        await fc.asyncModelRun(() => ({ model: {}, real }), [...commands, new Finish("apply")]);
      } finally {
        await traffic.stop();
      }
      expect(traffic.answered).toBeGreaterThan(50);
      expect(await stage.kvshiftJson("status", "--stack", "dev")).toMatchObject({ problems: [] });
      expect(await stage.kvshiftJson("audit", "verify", "--stack", "dev")).toMatchObject({ comparedWithStack: true });
    }),
    { numRuns: isSoak ? 2 : 1, endOnFailure: true },
  );
});
