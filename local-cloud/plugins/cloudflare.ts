// The plugin `cloudflare` of the local cloud: started by the engine, ended by `watch-parent.ts`.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { cloudflarePackage } from "./cloudflare/package.ts";
import { createProvider } from "./provider.ts";
import { serve } from "./serve.ts";
import { PLUGINS } from "./versions.ts";

const provider = createProvider({
  version: PLUGINS.cloudflare.version,
  load: () =>
    cloudflarePackage({
      env: process.env,
      fetch: globalThis.fetch,
      sleep: (milliseconds) => sleep(milliseconds),
      readFile,
    }),
});

await serve(provider);
