import { checkEnvironment } from "../../config/parse.ts";
import type { Path } from "../../config/path.ts";
import type { Problem } from "../../config/problems.ts";
import type { Phase } from "../../core/names.ts";
import type { Answers } from "./answers.ts";

const DAY_MS = 86_400_000;
/** Where a problem of the configuration comes from, on the command line; the first that fits. */
const FLAGS: readonly (readonly [place: RegExp, flag: string])[] = [
  [/^$/, "--stack"],
  [/^cloudflare\.workersSubdomain/, "--workers-subdomain"],
  [/^cloudflare\.hostname/, "--hostname"],
  [/^cloudflare\.zoneId/, "--zone"],
  [/^cloudflare/, "--account"],
  [/^namespaces/, "--namespace"],
  [/^render\.ownerId/, "--workspace"],
  [/^render\.services/, "--service"],
  [/^render\.environmentId/, "--render-environment"],
  [/^credentials\.application\.allowedIps/, "--allowed-ip"],
  [/^credentials\.operator\.allowedIps/, "--operator-ip"],
  [/^credentials/, "--expires-in"],
  [/^upstash/, "--upstash-url"],
];

/** The dates of the first credentials, as the file holds them. `now`: milliseconds since the epoch. */
export function datesOf({ expiresInDays }: Answers, now: number): { mintedAt: string; expiresAt: string } {
  return {
    mintedAt: toTheSecond(now),
    expiresAt: expiresInDays === "never" ? "never" : toTheSecond(now + expiresInDays * DAY_MS),
  };
}

function toTheSecond(time: number): string {
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** Whether the file needs Upstash's token, which is added encrypted when the file exists. */
export function needsToken(phase: Phase): boolean {
  return phase !== "kv";
}

/**
 * What the file says, as values under `kvshift:`, with the token that is added later where one is needed.
 * `now`: milliseconds since the epoch.
 */
export function configurationOf(answers: Answers, now: number): Record<string, unknown> {
  const { kind, app, access, phase, upstashUrl, accountId, ownerId, services, environmentId } = answers;
  const slots = { a: { epoch: 1, state: "live", ...datesOf(answers, now) }, b: { epoch: 0, state: "empty" } };
  const role = (networks: readonly string[]) => ({
    active: "a",
    ...(networks.length === 0 ? {} : { allowedIps: networks }),
    slots,
  });
  return {
    kind,
    app,
    access,
    phase,
    ...(needsToken(phase) ? { upstash: { restUrl: upstashUrl, restToken: { secure: TOKEN_TO_COME } } } : {}),
    cloudflare: { accountId, ...addressOf(answers) },
    namespaces: Object.fromEntries(
      answers.namespaces.map(({ name, consistency, defaultTtlSeconds }) => [name, { consistency, defaultTtlSeconds }]),
    ),
    render: { ownerId, services, ...(environmentId === undefined ? {} : { environmentId }) },
    credentials: { application: role(answers.allowedIps), operator: role(answers.operatorIps) },
  };
}

/** Where the gateway is, as the file says it. */
export function addressOf({ workersSubdomain, hostname }: Answers): Readonly<Record<string, string>> {
  return {
    ...(workersSubdomain === undefined ? {} : { workersSubdomain }),
    ...(hostname === undefined ? {} : { hostname: hostname.name, zoneId: hostname.zoneId }),
  };
}

/** Stands for the ciphertext in checks; it is never written. */
export const TOKEN_TO_COME = "to-come";

/**
 * What keeps the answers from being a configuration, one line a problem, each with the flag that mends it.
 * `now`: milliseconds since the epoch.
 */
export function formProblems(answers: Answers, now: number): string[] {
  const context = { environment: answers.environment, now, secrets: "encrypted" } as const;
  const { problems } = checkEnvironment(configurationOf(answers, now), context);
  return [...new Set(problems.map(describe))];
}

function describe({ path, found, expected }: Problem): string {
  return `${flagOf(path)}: found ${found}, expected ${expected}`;
}

function flagOf(path: Path): string {
  const place = path.join(".");
  return FLAGS.find(([pattern]) => pattern.test(place))?.[1] ?? `--${place}`;
}
