// The plugin `random` of the local cloud: started by the engine, ended by `watch-parent.ts`.
import { systemRandom } from "../../src/core/random.ts";
import { createProvider } from "./provider.ts";
import { randomPackage } from "./random/package.ts";
import { serve } from "./serve.ts";
import { PLUGINS } from "./versions.ts";

const provider = createProvider({ version: PLUGINS.random.version, load: () => randomPackage(systemRandom) });

await serve(provider);
