import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { gte } from "semver";

const execFileAsync = promisify(execFile);

/** The oldest Redis whose commands Upstash offers: https://upstash.com/docs/redis/overall/rediscompatibility */
const MINIMUM_VERSION = "6.2.0";
const ANSWERS_WITHIN_MS = 10_000;

/** A redis-server that runs on this machine. */
export interface RedisProgram {
  /** A path, or a name that is looked up in `env.PATH`. */
  readonly command: string;
  /** The whole environment that it needs. */
  readonly env: Readonly<Record<string, string>>;
  /** `7.0.15` */
  readonly version: string;
}

/** The program, or why it cannot be used. */
export async function probe(
  command: string,
  env: Readonly<Record<string, string>>,
): Promise<RedisProgram | { readonly problem: string }> {
  try {
    const { stdout } = await execFileAsync(command, ["--version"], { env, timeout: ANSWERS_WITHIN_MS });
    const version = versionOf(stdout);
    if (version === undefined) return { problem: "names no version" };
    return gte(version, MINIMUM_VERSION) ? { command, env, version } : { problem: `is too old (${version})` };
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    return { problem: isAbsent ? "does not exist" : "cannot be run" };
  }
}

/** Of the line that `redis-server --version` prints: `Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 …`. */
export function versionOf(line: string): string | undefined {
  return /\bserver v=(\d+\.\d+\.\d+)/.exec(line)?.[1];
}
