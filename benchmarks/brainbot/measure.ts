import { Agent } from "node:http";

import { quantile } from "../kv/measure.ts";
import { type Action, actionsOf, asFastAsItGoes, asTheyCome } from "./load.ts";
import { type Done, type Kind, KINDS, Person } from "./person.ts";
import type { Service, SideName } from "./sides.ts";

export interface Load {
  readonly rounds: number;
  /** A round, of all people together. */
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
  /** Of people who come at `arrivals`. */
  readonly kinds: Readonly<Record<Kind, KindFigures>>;
  /** Actions a second, the same for both sides. */
  readonly arrivals: number;
  /** Requests a second, of people who do one thing after the other. */
  readonly throughput: number;
  /** Of everything that was asked. */
  readonly errors: number;
}

export interface World {
  /** Each belongs to one person. */
  readonly users: readonly string[];
  readonly popular: number;
  readonly document: Buffer;
}

/** Of those who do one thing after the other; of those who come, everybody is there. */
const AT_ONCE = 8;
/** Of what the slower side can do. */
const ARRIVALS_SHARE = 0.4;

interface Sample {
  readonly service: Service;
  readonly times: Done[];
  busySeconds: number;
  busyRequests: number;
  errors: number;
}

/** Requests a second. */
function throughput({ busyRequests, busySeconds }: Sample): number {
  return busyRequests / busySeconds;
}

/** The same load on both services, round by round in turns, so that a slow minute hits both. */
export async function measure(
  services: readonly Service[],
  roundTripMs: number,
  { rounds, actions }: Load,
  world: World,
): Promise<Figures[]> {
  const samples = services.map((service): Sample => ({
    service,
    times: [],
    busySeconds: 0,
    busyRequests: 0,
    errors: 0,
  }));
  // The first round warms everything up; what fails in it counts all the same.
  await inTurns(samples, rounds + 1, async (sample, round) => {
    const { done, seconds } = await visited(sample, world, AT_ONCE, (people) =>
      asFastAsItGoes(people, actionsOf(actions, round + 1)),
    );
    if (round === 0) return;
    sample.busyRequests += done.filter(({ ok }) => ok).length;
    sample.busySeconds += seconds;
  });
  const arrivals = ARRIVALS_SHARE * Math.min(...samples.map(throughput));
  await inTurns(samples, rounds, async (sample, round) => {
    const coming: readonly Action[] = actionsOf(actions, rounds + round + 2);
    const { done } = await visited(sample, world, world.users.length, (people) => asTheyCome(people, coming, arrivals));
    sample.times.push(...done);
  });
  return samples.map((sample) => ({
    side: sample.service.side,
    roundTripMs,
    kinds: kindsOf(sample.times),
    arrivals,
    throughput: throughput(sample),
    errors: sample.errors,
  }));
}

async function inTurns(
  samples: readonly Sample[],
  rounds: number,
  run: (sample: Sample, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? samples : samples.toReversed();
    for (const sample of order) await run(sample, round);
  }
}

/** People sign in, which is no part of the load unless it fails, and do what `visit` says. */
async function visited(
  sample: Sample,
  { users, popular, document }: World,
  count: number,
  visit: (people: readonly Person[]) => Promise<void>,
): Promise<{ readonly done: readonly Done[]; readonly seconds: number }> {
  const { url } = sample.service;
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  const people = users.slice(0, count).map((user) => new Person({ agent, url, user, popular, document }));
  for (const person of people) await person.arrive();
  const arrivals = people.map(({ done }) => done.length);
  const started = performance.now();
  await visit(people);
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  const everything = people.flatMap(({ done }) => done);
  sample.errors += everything.filter(({ ok }) => !ok).length;
  return { done: people.flatMap(({ done }, index) => done.slice(arrivals[index])), seconds };
}

function kindsOf(done: readonly Done[]): Figures["kinds"] {
  const figuresOf = (kind: Kind): KindFigures => {
    const times = done.filter((one) => one.kind === kind && one.ok).map(({ ms }) => ms);
    return { count: times.length, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made of all kinds
  return Object.fromEntries(KINDS.map((kind) => [kind, figuresOf(kind)])) as Figures["kinds"];
}
