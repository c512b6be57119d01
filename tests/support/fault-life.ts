import { strict as assert } from "node:assert";

import {
  drainMutatingCalls,
  existingObjects,
  type FaultName,
  FaultyRuns,
  type MutatingCall,
  titleOf,
} from "./fault-campaign.ts";
import { createLocalStage, type LocalStage } from "./local-stage.ts";

const ACCOUNT = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";
export type Access = "rest" | "gateway";

/** What exists of an environment. Behind the gateway no credential is an object of a vendor. */
function provisioned(access: Access, tokens: readonly string[] = ["application-a1", "operator-a1"]) {
  return {
    workers: access === "gateway" ? ["brainbot-dev-gateway"] : [],
    tokens: access === "rest" ? tokens.map((token) => `brainbot-dev-${token}`) : [],
    namespaces: ["brainbot-dev-cache", "brainbot-dev-sessions"],
    groups: ["brainbot-dev-cloudflare-kv"],
    links: ["srv-d0000000000000000001"],
  };
}
const NOTHING = { workers: [], tokens: [], namespaces: [], groups: [], links: [] };

const LIVE_A = 'a: { epoch: 1, state: live, mintedAt: "2026-11-23T00:00:00Z", expiresAt: never }';
const EMPTY_B = "b: { epoch: 0, state: empty }";
const LIVE_B = 'b: { epoch: 1, state: live, mintedAt: "2026-12-01T00:00:00Z", expiresAt: never }';

interface Step {
  readonly what: string;
  readonly edits: readonly (readonly [from: string, to: string])[];
  readonly command: readonly string[];
  readonly exists: Readonly<Record<keyof typeof NOTHING, readonly string[]>>;
}

export const UP = ["up", "--stack", "dev", "--wait", "--yes"];
export const REFRESH = ["refresh", "--stack", "dev", "--wait"];
const DESTROY = ["destroy", "--stack", "dev", "--wait", "--yes"];

/** The life of an environment: each command that changes something at a vendor, in the order of a person's work. */
export function lifeOf(access: Access): readonly Step[] {
  const both = ["application-a1", "application-b1", "operator-a1"];
  return [
    { what: "creates everything", edits: [], command: UP, exists: provisioned(access) },
    {
      what: "mints into slot b, hands it out, adds a namespace and an IP condition",
      edits: [
        [EMPTY_B, LIVE_B],
        ["active: a", "active: b\n      rotation: by-hand\n      allowedIps: [203.0.113.0/24]"],
        ["    cache:", "    extra: { consistency: eventual, defaultTtlSeconds: 60 }\n    cache:"],
      ],
      command: UP,
      exists: {
        ...provisioned(access, both),
        namespaces: ["brainbot-dev-cache", "brainbot-dev-extra", "brainbot-dev-sessions"],
      },
    },
    {
      what: "drains slot a and removes the namespace",
      edits: [
        [LIVE_A, LIVE_A.replace("live", "draining")],
        ["    extra: { consistency: eventual, defaultTtlSeconds: 60 }\n", ""],
      ],
      command: UP,
      exists: provisioned(access, both),
    },
    {
      what: "ends slot a",
      edits: [
        [LIVE_A.replace("live", "draining"), "a: { epoch: 1, state: empty }"],
        ["      rotation: by-hand\n", ""],
      ],
      command: UP,
      exists: provisioned(access, ["application-b1", "operator-a1"]),
    },
    { what: "destroys everything", edits: [], command: DESTROY, exists: NOTHING },
  ];
}

/** The part of a life in which every kind of call is made: what is minted and added is removed by the end of all. */
export function shortLifeOf(access: Access): readonly Step[] {
  return lifeOf(access).filter((_, index, { length }) => index < 2 || index === length - 1);
}

/** One environment on a local cloud of its own, whose commands meet faults. */
export class FaultyEnvironment implements AsyncDisposable {
  readonly #stage: LocalStage;
  readonly #runs: FaultyRuns;

  private constructor(stage: LocalStage) {
    this.#stage = stage;
    this.#runs = new FaultyRuns(stage, ACCOUNT);
  }

  static async create(access: Access): Promise<FaultyEnvironment> {
    // Over REST the engine starts the plugins itself, and they die with it; behind the gateway they outlive it.
    const plugins = access === "rest" ? "started" : "resident";
    return new FaultyEnvironment(await createLocalStage({}, { access, plugins }));
  }

  /** The calls of a run without faults, from the vendors' logs: a new call cannot be forgotten. */
  async callsOf(command: readonly string[]): Promise<MutatingCall[]> {
    drainMutatingCalls(this.#stage);
    assert.equal(await this.#runs.untilDone(...command), 1, "a run without faults failed");
    return drainMutatingCalls(this.#stage);
  }

  /** Goes through some steps of a life without faults; the calls of each. */
  async callsOfSteps(steps: readonly Step[]): Promise<MutatingCall[][]> {
    const calls: MutatingCall[][] = [];
    for (const { edits, command } of steps) {
      await this.#stage.edit("dev", ...edits);
      calls.push(await this.callsOf(command));
    }
    return calls;
  }

  /**
   * One step in which each of `calls` fails as often as a run without faults makes it. It has to converge, meet every
   * fault, and leave exactly what the step is for.
   */
  async step(step: Step, calls: readonly FaultyCall[], fault: FaultName): Promise<void> {
    await this.#stage.edit("dev", ...step.edits);
    const faults = calls.map((call) => ({ call, handle: this.#runs.inject(call, fault, call.count, call.skip) }));
    await this.#runs.untilDone(...step.command);
    const missed = faults.filter(({ call, handle }) => handle.hits !== call.count).map(({ call }) => titleOf(call));
    const what = { what: step.what, fault, calls: calls.map(titleOf) };
    const found = { ...what, missed, ...(await existingObjects(this.#stage, ACCOUNT)) };
    assert.deepEqual(found, { ...what, missed: [], ...step.exists });
  }

  /** One step in which each call below `path` that changes something fails the first time. Returns how many did. */
  async stepWithEachCallOnce(step: Step, fault: FaultName, path: RegExp): Promise<number> {
    await this.#stage.edit("dev", ...step.edits);
    const failed = this.#runs.injectOnce(fault, path);
    await this.#runs.untilDone(...step.command);
    this.#runs.clear();
    const what = { what: step.what, fault, calls: [...failed] };
    const found = { ...what, ...(await existingObjects(this.#stage, ACCOUNT)) };
    assert.deepEqual(found, { ...what, ...step.exists });
    return failed.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stage[Symbol.asyncDispose]();
  }
}

/** A call that fails `count` times, after `skip` that pass. */
export interface FaultyCall extends MutatingCall {
  readonly skip?: number;
}

/** Each single call of each step alone: as many lives as the busiest step makes calls. Returns how many were tried. */
export async function goThroughMatrix(access: Access, fault: FaultName): Promise<number> {
  const life = lifeOf(access);
  const calls = await usingEnvironment(access, (environment) => environment.callsOfSteps(life));
  const single = calls.map((step) =>
    step.flatMap((call) => Array.from({ length: call.count }, (_, skip) => ({ ...call, count: 1, skip }))),
  );
  const lives = Math.max(...single.map((step) => step.length));
  for (let round = 0; round < lives; round += 1) {
    await usingEnvironment(access, async (environment) => {
      for (const [index, step] of life.entries()) {
        const call = single[index]?.[round];
        await environment.step(step, call === undefined ? [] : [call], fault);
      }
    });
  }
  return single.flat().length;
}

export async function usingEnvironment<T>(
  access: Access,
  use: (environment: FaultyEnvironment) => Promise<T>,
): Promise<T> {
  await using environment = await FaultyEnvironment.create(access);
  return await use(environment);
}
