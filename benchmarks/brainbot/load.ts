import { setTimeout as pause } from "node:timers/promises";

import { seeded } from "../kv/measure.ts";
import type { Kind, Person } from "./person.ts";

/** One thing that somebody does. */
export interface Action {
  readonly kind: Kind;
  /** From 0 to 1: which one, where there are many. */
  readonly draw: number;
  /** From 0 on, 1 in the mean: how long after the one before, in mean gaps. */
  readonly gap: number;
}

/** Of all requests; 95 % read. */
const SHARES: readonly (readonly [Kind, number])[] = [
  ["cached read", 0.55],
  ["signed-in read", 0.38],
  ["document read", 0.02],
  ["question", 0.025],
  ["document write", 0.005],
  // Each of them is followed by a sign-in, which is a request of its own.
  ["sign-out", 0.01],
];
const TOTAL = SHARES.reduce((sum, [, share]) => sum + share, 0);

/** The same ones in every run, and for both sides. */
export function actionsOf(count: number, seed: number): Action[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => ({
    kind: kindAt(random() * TOTAL),
    draw: random(),
    gap: -Math.log(1 - random()),
  }));
}

/** Everybody does one thing after the other, as fast as it goes: how much a side can do. */
export async function asFastAsItGoes(people: readonly Person[], actions: readonly Action[]): Promise<void> {
  const waiting = actions.values();
  await Promise.all(
    people.map(async (person) => {
      for (const { kind, draw } of waiting) await person.act(kind, draw);
    }),
  );
}

/**
 * People who come when they come, however long others take: so many a second in the mean, at random. Where a faster side
 * got its next request sooner, it would only have more to do at once, and would look slow. Who finds nobody free waits, and
 * the wait counts.
 */
export async function asTheyCome(
  people: readonly Person[],
  actions: readonly Action[],
  perSecond: number,
): Promise<void> {
  const idle = [...people];
  const waiting: ((person: Person) => void)[] = [];
  const somebody = (): Promise<Person> => {
    const person = idle.shift();
    return person === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(person);
  };
  const serve = async ({ kind, draw }: Action): Promise<void> => {
    const since = performance.now();
    const person = await somebody();
    await person.act(kind, draw, since);
    const next = waiting.shift();
    if (next === undefined) idle.push(person);
    else next(person);
  };
  const begun: Promise<void>[] = [];
  let due = performance.now();
  for (const action of actions) {
    due += (action.gap * 1000) / perSecond;
    const ahead = due - performance.now();
    if (ahead > 0) await pause(ahead);
    begun.push(serve(action));
  }
  await Promise.all(begun);
}

function kindAt(point: number): Kind {
  let sum = 0;
  for (const [kind, share] of SHARES) {
    sum += share;
    if (point < sum) return kind;
  }
  return "cached read";
}
