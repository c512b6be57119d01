import { aligned } from "../table.ts";
import type { Figures } from "./measure.ts";
import { type Kind, KINDS } from "./person.ts";

export interface Target {
  readonly what: string;
  readonly value: number;
  readonly atMost: number;
}

/** What the migration promises: not slower where a network lies between, and nothing fails. */
const PROMISED: readonly Kind[] = ["cached read", "signed-in read"];
const PROMISED_AT_MS: ReadonlySet<number> = new Set([2, 20]);

export function targetsOf(figures: readonly Figures[]): Target[] {
  const trips = [...new Set(figures.map(({ roundTripMs }) => roundTripMs))].filter((trip) => PROMISED_AT_MS.has(trip));
  const of = (side: Figures["side"], trip: number) =>
    figures.find((one) => one.side === side && one.roundTripMs === trip)?.kinds;
  const ratios = trips.flatMap((trip) =>
    PROMISED.flatMap((kind) =>
      (["p50", "p99"] as const).map((quantile) => ({
        what: `${kind}, after / before, ${quantile} at ${String(trip)} ms`,
        value:
          (of("after", trip)?.[kind][quantile] ?? Number.NaN) / (of("before", trip)?.[kind][quantile] ?? Number.NaN),
        atMost: 1,
      })),
    ),
  );
  const errors = figures.reduce((sum, one) => sum + one.errors, 0);
  return [...ratios, { what: "requests that failed, of both", value: errors, atMost: 0 }];
}

export function tableOf(figures: readonly Figures[]): string {
  const rows = KINDS.flatMap((kind) =>
    figures.map(({ side, roundTripMs, kinds }) => {
      const { count, p50, p99 } = kinds[kind];
      return [kind, `${String(roundTripMs)} ms`, side, p50.toFixed(2), p99.toFixed(2), String(count)];
    }),
  );
  const totals = figures.map(({ side, roundTripMs, arrivals, throughput, errors }) => [
    `${String(roundTripMs)} ms`,
    side,
    arrivals.toFixed(0),
    throughput.toFixed(0),
    String(errors),
  ]);
  const byKind = aligned([["request", "round trip", "side", "p50 ms", "p99", "requests"], ...rows]);
  return `${byKind}\n${aligned([["round trip", "side", "arrivals/s", "requests/s at most", "errors"], ...totals])}`;
}

export function targetTable(targets: readonly Target[]): string {
  return aligned(
    targets.map(({ what, value, atMost }) => [
      value <= atMost ? "✓" : "✗",
      what,
      value.toFixed(2),
      `at most ${String(atMost)}`,
    ]),
  );
}
