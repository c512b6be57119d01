// The plugin `terraform-provider`, parameterized as `render`, of the local cloud: started by the engine, ended by
// `watch-parent.ts`.
import { setTimeout as sleep } from "node:timers/promises";

import { main } from "@pulumi/pulumi/provider/index.js";

import { createProvider } from "./provider.ts";
import { renderPackage } from "./render/package.ts";
import { PLUGINS } from "./versions.ts";

const provider = createProvider({
  version: PLUGINS.render.version,
  load: () =>
    renderPackage({ env: process.env, fetch: globalThis.fetch, sleep: (milliseconds) => sleep(milliseconds) }),
});

await main(provider, process.argv.slice(2));
