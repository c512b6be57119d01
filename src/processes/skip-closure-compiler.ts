import { registerHooks } from "node:module";

/**
 * What the Pulumi SDK loads only to turn JavaScript functions into cloud functions: a TypeScript compiler and npm's
 * dependency resolver. Both take two thirds of the time that the SDK needs to load, in every process that loads it.
 */
const ONLY_FOR_CLOSURES = new Set(["typescript", "@npmcli/arborist"]);
const SDK = /\/node_modules\/@pulumi\/pulumi\//;
const ABSENT = "kvshift-absent:";

const SOURCE = `
module.exports = new Proxy({}, {
  get(_, property) {
    if (property === "__esModule") return true;
    throw new Error("kvshift does not load what serialises functions: use no dynamic providers and no callbacks");
  },
});`;

// Importing this file is enough, so that it can stand before the SDK on a command line.
registerHooks({
  resolve: (specifier, context, next) =>
    ONLY_FOR_CLOSURES.has(specifier) && SDK.test(context.parentURL ?? "")
      ? { url: `${ABSENT}${specifier}`, format: "commonjs", shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) =>
    url.startsWith(ABSENT) ? { source: SOURCE, format: "commonjs", shortCircuit: true } : next(url, context),
});
