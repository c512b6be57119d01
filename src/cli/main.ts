import { enableCompileCache } from "node:module";
import { join } from "node:path";

import { cacheFolder } from "../engine/pulumi-cli/cache-folder.ts";

// Compiled code is kept beside the CLI: the engine's libraries take a second to compile, in this process, in each
// provider plugin and in the policy analyzer. They inherit the folder.
const folder = join(cacheFolder(process.env), "node-compile-cache");
enableCompileCache(folder);
process.env["NODE_COMPILE_CACHE"] ??= folder;

// Before anything that loads the SDK.
await import("../processes/skip-closure-compiler.ts");
await import("./start.ts");
