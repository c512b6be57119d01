import { AppError } from "../../core/app-error.ts";
import { tokenName } from "../../core/names.ts";
import { LEDGER_GAP_MS } from "../../gateway/usage.ts";
import type { Usage } from "../../vendors/kv-access.ts";
import { type Holder, judgeQuiet, type QuietAnswer, refusedSince } from "./evidence.ts";
import type { LinkedService } from "./gates.ts";
import type { Rotation } from "./rotation.ts";
import type { RoleStage } from "./stages.ts";

export interface ObserveOptions {
  /** How long the old credential has to be quiet before it is suspended, in milliseconds; at least the ledger's gap. */
  readonly quietMs: number;
  /** How long it is watched after that, in milliseconds. */
  readonly refusalsMs: number;
  /** Ids of services that never call KV. */
  readonly idle: readonly string[];
}

/** How long to wait for quiet, as a multiple of the window. */
const PATIENCE = 3;
const LOOK_MS = 15_000;
const SHORTEST_LOOK_MS = 200;

/**
 * Watches until nobody holds the old credential any more, as far as can be seen, and records by what that was decided.
 *
 * @throws AppError ROTATION_BLOCKED with who still holds it, where that does not end
 */
export async function watchQuiet(
  rotation: Rotation,
  stages: readonly RoleStage[],
  services: readonly LinkedService[],
  options: ObserveOptions,
): Promise<void> {
  const { access } = rotation.environment.config;
  const step = "Watch the old credential";
  rotation.run.emit({
    type: "step-started",
    step,
    note: `until it is quiet for ${ageLine(rotation.wait.scaled(options.quietMs))}`,
  });
  const evidence =
    access === "gateway"
      ? await watchLedger(rotation, stages, services, options, step)
      : await watchTokens(rotation, stages, options, step);
  await rotation.evidence("observe", stages, { evidence });
  rotation.run.emit({ type: "step-finished", step, note: "nobody uses it" });
}

type RoleAnswer = QuietAnswer & { readonly credential: string };

async function watchLedger(
  rotation: Rotation,
  stages: readonly RoleStage[],
  services: readonly LinkedService[],
  { quietMs, idle }: ObserveOptions,
  step: string,
): Promise<object> {
  const { wait, run } = rotation;
  const [quiet, gap] = [wait.scaled(quietMs), wait.scaled(LEDGER_GAP_MS)];
  const end = run.clock.now() + PATIENCE * (quiet + gap);
  const show = showNew(rotation, step);
  for (;;) {
    const usage = await readLedger(rotation);
    const answers = stages.map(({ role, oldId, nextId }): RoleAnswer => {
      const held = role === "application" ? services : [];
      return {
        credential: oldId,
        ...judgeQuiet({ usage, oldId, nextId, services: held, idle, quietMs: quiet, gapMs: gap }),
      };
    });
    if (answers.every(({ met }) => met)) return { source: "the gateway's ledger", now: usage.now, idle, answers };
    for (const line of answers.flatMap(progressLines)) show(line);
    if (run.clock.now() >= end) throw stillUsed(rotation, answers);
    const soonest = Math.max(...answers.map(({ waitMs }) => waitMs));
    await wait.nap(Math.max(SHORTEST_LOOK_MS, Math.min(soonest, wait.scaled(LOOK_MS))));
  }
}

/**
 * Under `rest` Cloudflare tells only when a token was last used, and not by whom. What is seen is that this time does
 * not change for the whole window; no clock is compared with another one.
 */
async function watchTokens(
  rotation: Rotation,
  stages: readonly RoleStage[],
  { quietMs }: ObserveOptions,
  step: string,
): Promise<object> {
  const { wait, run, environment, vendors } = rotation;
  const { accountId } = environment.config.cloudflare;
  const names = new Map(stages.map((stage) => [tokenNameOf(rotation, stage), stage.oldId]));
  const quiet = wait.scaled(quietMs);
  const end = run.clock.now() + PATIENCE * quiet;
  const show = showNew(rotation, step);
  let since = run.clock.now();
  let before: string | undefined;
  for (;;) {
    const tokens = (await vendors.cloudflare.tokens(accountId)).filter(({ name }) => names.has(name));
    const lastUsed = tokens.map(({ name, last_used_on: at }) => ({
      credential: names.get(name),
      lastUsedOn: at ?? null,
    }));
    const seen = JSON.stringify(lastUsed);
    const now = run.clock.now();
    if (before !== undefined && seen !== before) {
      since = now;
      show("it was used again");
    }
    before = seen;
    if (now - since >= quiet) {
      return { source: "last_used_on of Cloudflare's tokens: weaker, it does not say who", quietMs, lastUsed };
    }
    if (now >= end) {
      throw blocked(
        rotation,
        lastUsed.map(({ credential, lastUsedOn }) => `${credential ?? ""}: last used ${lastUsedOn ?? "never"}`),
      );
    }
    await wait.pass(Math.min(LOOK_MS, quietMs / 4));
  }
}

export interface RefusedHolder extends Holder {
  readonly credential: string;
}

/**
 * Watches for requests with the suspended credentials; returns who was refused, at once, or nobody after the window.
 * `suspendedAt`: by credential, the gateway's time before it was suspended; of a run before this one it is not known,
 * then refusals of one window before count too.
 */
export async function watchRefusals(
  rotation: Rotation,
  stages: readonly RoleStage[],
  suspendedAt: ReadonlyMap<string, number>,
  { refusalsMs }: ObserveOptions,
): Promise<readonly RefusedHolder[]> {
  const { wait, run, environment } = rotation;
  const window = wait.scaled(refusalsMs);
  const step = "Watch for refusals";
  run.emit({ type: "step-started", step, note: ageLine(window) });
  if (environment.config.access === "rest") {
    await wait.pass(refusalsMs);
    await rotation.evidence("watch", stages, {
      evidence: {
        source: "none: Cloudflare does not tell who was refused with a disabled token",
        windowMs: refusalsMs,
      },
    });
    run.emit({
      type: "step-finished",
      step,
      note: "Cloudflare tells nobody of refusals: nothing was seen, and nothing could be",
    });
    return [];
  }
  const end = run.clock.now() + window;
  for (;;) {
    const usage = await readLedger(rotation);
    const refused = stages.flatMap(({ oldId }) =>
      refusedSince(usage, oldId, suspendedAt.get(oldId) ?? usage.now - window).map((holder) => ({
        credential: oldId,
        ...holder,
      })),
    );
    if (refused.length > 0) {
      run.emit({ type: "step-finished", step, note: `refused: ${refused.map(({ client }) => client).join(", ")}` });
      return refused;
    }
    const left = end - run.clock.now();
    if (left <= 0) {
      await rotation.evidence("watch", stages, {
        evidence: { source: "the gateway's ledger", now: usage.now, refusals: 0 },
      });
      run.emit({ type: "step-finished", step, note: "nobody was refused" });
      return [];
    }
    await wait.nap(Math.max(SHORTEST_LOOK_MS, Math.min(left, wait.scaled(LOOK_MS))));
  }
}

/**
 * The ledger of the gateway, read with the operator's credential that is handed out now.
 *
 * @throws AppError ROTATION_BLOCKED where that credential is not there, or is not accepted from here
 */
export async function readLedger(rotation: Rotation): Promise<Usage> {
  const kv = await rotation.kvAsOperator();
  const usage = kv === undefined ? "missing" : await kv.usage();
  if (typeof usage !== "string") return usage;
  throw new AppError("ROTATION_BLOCKED", {
    problem:
      usage === "missing"
        ? "The operator's credential is not in the state: the ledger of the gateway cannot be read."
        : "The gateway does not accept the operator's credential from here: its ledger cannot be read.",
    fix:
      usage === "missing"
        ? "See with `kvshift status` what the state lacks."
        : "Run it from an address in allowedIps of kvshift:credentials.operator, or add the one of this machine there and run `kvshift up`.",
  });
}

function tokenNameOf({ environment }: Rotation, { role, old }: RoleStage): string {
  const { name, config } = environment;
  return tokenName(config.app, name, role, old, config.credentials[role].slots[old].epoch);
}

function progressLines({ credential, holders, silent }: RoleAnswer): string[] {
  return [
    ...holders.map(({ client, agoMs }) => `${credential}: ${client} (reported), last seen ${ageLine(agoMs)} ago`),
    ...(silent.length === 0 ? [] : [`not yet seen with the next credential: ${silent.join(", ")}`]),
  ];
}

/** Says who holds a credential once, not at every look. */
function showNew({ run }: Rotation, step: string): (line: string) => void {
  const shown = new Set<string>();
  return (line) => {
    const what = line.replace(/, last seen .*/, "");
    if (!shown.has(what)) run.emit({ type: "step-progress", step, note: line });
    shown.add(what);
  };
}

function stillUsed(rotation: Rotation, answers: readonly RoleAnswer[]): AppError {
  const lines = answers.flatMap(({ credential, holders, silent }) => [
    ...holders.map(({ client, agoMs }) => `${credential}: used ${ageLine(agoMs)} ago, reported by ${client}`),
    ...silent.map((name) => `${name} was not seen with the new credential`),
  ]);
  return blocked(rotation, lines, { answers });
}

function blocked(
  { environment }: Rotation,
  details: readonly string[],
  data: Readonly<Record<string, unknown>> = {},
): AppError {
  return new AppError("ROTATION_BLOCKED", {
    problem: `The old credential of ${environment.name} was not suspended: somebody still holds it, or a service was not seen with the new one.`,
    details,
    fix: "Deploy what still holds it, then run `kvshift rotate apply` again. For a service that never calls KV pass --idle <service id>; `unattributed` are clients that send no Kvshift-Client header: they block as long as they use the old credential.",
    retryable: true,
    data,
  });
}

/** For people: `12 s`, `10 min`. */
export function ageLine(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${String(Math.round(seconds))} s` : `${String(Math.round(seconds / 60))} min`;
}
