// The plugin `terraform-provider`, parameterized as `render`, of the local cloud: started by the engine, ended by
// `watch-parent.ts`.
import { setTimeout as sleep } from "node:timers/promises";

import { createProvider } from "./provider.ts";
import { renderPackage } from "./render/package.ts";
import { serve } from "./serve.ts";
import { PLUGINS } from "./versions.ts";

const provider = createProvider({
  version: PLUGINS.render.version,
  load: () =>
    renderPackage({ env: process.env, fetch: globalThis.fetch, sleep: (milliseconds) => sleep(milliseconds) }),
});

await serve(provider);
