import { systemSleep } from "../../local-cloud/system-sleep.ts";
import { type LocalUpstash, startUpstash } from "../../local-cloud/upstash/start-upstash.ts";
import { systemRandom } from "../../src/core/random.ts";
import { cacheFolder } from "../../src/engine/pulumi-cli/cache-folder.ts";

/** What `examples/brainbot/before` runs on: a real Redis, and Upstash's REST API in front of it. */
export async function startUpstashStage(): Promise<LocalUpstash> {
  return startUpstash({
    env: process.env,
    cache: cacheFolder(process.env),
    emit: () => undefined,
    random: systemRandom,
    sleep: systemSleep,
  });
}

/** The variables that Render's service has. `redisUrl`, `restUrl`: where both are reached. */
export function upstashVariables(
  { token }: LocalUpstash,
  at: { readonly redisUrl: string; readonly restUrl: string },
): Readonly<Record<string, string>> {
  return {
    UPSTASH_REDIS_REST_URL: at.restUrl,
    UPSTASH_REDIS_REST_TOKEN: token.reveal(),
    REDIS_URL: at.redisUrl,
  };
}
