import { Agent } from "node:http";

import { quantile, seeded } from "../kv/measure.ts";
import { type Done, type Kind, KINDS, Person } from "./person.ts";
import type { Service, SideName } from "./sides.ts";

export interface Load {
  /** At once; each with a session of its own. */
  readonly people: number;
  readonly rounds: number;
  /** Of all people together, a round. */
  readonly actions: number;
}

export interface KindFigures {
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface Figures {
  readonly side: SideName;
  readonly roundTripMs: number;
  readonly kinds: Readonly<Record<Kind, KindFigures>>;
  /** Requests a second. */
  readonly throughput: number;
  readonly errors: number;
}

export interface World {
  /** By number; each belongs to one person. */
  readonly users: readonly string[];
  readonly popular: number;
  readonly document: Buffer;
}

/** Of all requests; 95 % read. */
const SHARES: readonly (readonly [Kind, number])[] = [
  ["cached read", 0.55],
  ["signed-in read", 0.38],
  ["document read", 0.02],
  ["question", 0.02],
  ["document write", 0.01],
  // Each of them is followed by a sign-in, which is a request of its own.
  ["sign-out", 0.01],
];
const TOTAL = SHARES.reduce((sum, [, share]) => sum + share, 0);

/** The same load on both services, round by round in turns, so that a slow minute hits both. */
export async function measure(
  services: readonly Service[],
  roundTripMs: number,
  load: Load,
  world: World,
): Promise<Figures[]> {
  const samples = services.map(() => ({ done: [] as Done[], seconds: 0 }));
  for (let round = -1; round < load.rounds; round += 1) {
    const order = round % 2 === 0 ? [...services.keys()] : [...services.keys()].toReversed();
    for (const index of order) {
      const [service, sample] = [services[index], samples[index]];
      if (service === undefined || sample === undefined) continue;
      const { done, seconds } = await runRound(service, round, load, world);
      // The first round warms everything up; what fails in it counts all the same.
      sample.done.push(...done.filter(({ ok }) => round >= 0 || !ok));
      if (round >= 0) sample.seconds += seconds;
    }
  }
  return services.map(({ side }, index) => figuresOf(side, roundTripMs, samples[index] ?? { done: [], seconds: 1 }));
}

async function runRound({ url }: Service, round: number, load: Load, { users, popular, document }: World) {
  const agent = new Agent({ keepAlive: true, maxSockets: load.people });
  const people = users.slice(0, load.people).map((user) => new Person({ agent, url, user, popular, document }));
  await Promise.all(people.map((person) => person.arrive()));
  const random = seeded(round + 2);
  const draws = Array.from({ length: load.actions }, () => ({ kind: kindAt(random() * TOTAL), draw: random() }));
  const waiting = draws.values();
  const arrivals = people.map(({ done }) => done.length);
  const started = performance.now();
  await Promise.all(
    people.map(async (person) => {
      for (const { kind, draw } of waiting) await person.act(kind, draw);
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  // Arrivals are no part of the load, unless they fail.
  const done = people.flatMap((person, index) =>
    person.done.filter(({ ok }, position) => position >= (arrivals[index] ?? 0) || !ok),
  );
  return { done, seconds };
}

function kindAt(point: number): Kind {
  let sum = 0;
  for (const [kind, share] of SHARES) {
    sum += share;
    if (point < sum) return kind;
  }
  return "cached read";
}

function figuresOf(
  side: SideName,
  roundTripMs: number,
  { done, seconds }: { readonly done: readonly Done[]; readonly seconds: number },
): Figures {
  const kindFigures = (kind: Kind): KindFigures => {
    const times = done.filter((one) => one.kind === kind && one.ok).map(({ ms }) => ms);
    return { count: times.length, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made of all kinds
  const kinds = Object.fromEntries(KINDS.map((kind) => [kind, kindFigures(kind)])) as Figures["kinds"];
  const errors = done.filter(({ ok }) => !ok).length;
  return { side, roundTripMs, kinds, throughput: (done.length - errors) / seconds, errors };
}
