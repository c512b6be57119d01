import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * Keeps debug messages of the SDK from the engine. For every resource it sends one that holds the engine's whole
 * answer, secrets in clear, and the engine puts it into its event stream (`--event-log`) although nobody asked for it.
 */
export function silenceDebugEvents(): void {
  // The very object that the SDK calls through: an ESM namespace of it could not be changed.
  const log: object = require("@pulumi/pulumi/log/index.js");
  Object.assign(log, { debug: () => Promise.resolve() });
}
