const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago something was, as exact as people need it: `40 s`, `12 min`, `5 h`, `3 days`. */
export function ageOf(since: string, now: number): string {
  // Clocks differ: what seems to lie ahead has just happened.
  const ms = Math.max(0, now - Date.parse(since));
  if (Number.isNaN(ms)) return "unknown";
  if (ms < 2 * MINUTE_MS) return `${String(Math.round(ms / 1000))} s`;
  if (ms < 2 * HOUR_MS) return `${String(Math.round(ms / MINUTE_MS))} min`;
  if (ms < 2 * DAY_MS) return `${String(Math.round(ms / HOUR_MS))} h`;
  return `${String(Math.floor(ms / DAY_MS))} days`;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** A duration as people write it (`90s`, `10m`, `12h`, `7d`), in milliseconds; `undefined` where it is none. */
export function durationOf(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (UNIT_MS[unit] ?? Number.NaN);
}

/** `2026-12-01 09:30 UTC` */
export function minuteOf(time: string): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
