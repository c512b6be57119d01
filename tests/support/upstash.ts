import { createClient } from "redis";

import { systemSleep } from "../../local-cloud/system-sleep.ts";
import { type LocalUpstash, startUpstash } from "../../local-cloud/upstash/start-upstash.ts";
import { systemRandom } from "../../src/core/random.ts";
import { cacheFolder } from "../../src/engine/pulumi-cli/cache-folder.ts";

/** A local Upstash, and node-redis on the Redis behind it: what the one wrote, the other reads. */
export interface UpstashStage extends AsyncDisposable {
  readonly upstash: LocalUpstash;
  readonly direct: ReturnType<typeof createDirectClient>;
}

/** Fails where no real redis-server can be had. */
export async function startUpstashStage(): Promise<UpstashStage> {
  await using started = new AsyncDisposableStack();
  const upstash = started.use(
    await startUpstash({
      env: process.env,
      cache: cacheFolder(process.env),
      emit: () => undefined,
      random: systemRandom,
      sleep: systemSleep,
    }),
  );
  const direct = createDirectClient(upstash.redis.url);
  await direct.connect();
  started.defer(() => direct.close());
  const all = started.move();
  return { upstash, direct, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

function createDirectClient(url: string) {
  return createClient({ url });
}
