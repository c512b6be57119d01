import { fileURLToPath } from "node:url";

import { AppError } from "../core/app-error.ts";

const ENTRY = fileURLToPath(new URL("../gateway/worker.ts", import.meta.url));
/** Names in the bundle are relative to it, so that the same sources give the same bundle wherever they lie. */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The gateway as one ES module, minified. Throws an `AppError` GATEWAY_NOT_BUILT. */
export async function bundleGateway(entry: string = ENTRY): Promise<string> {
  try {
    return await bundleWorker(entry);
  } catch (error) {
    throw new AppError("GATEWAY_NOT_BUILT", {
      problem: "The gateway's Worker could not be bundled.",
      details: linesOf(error),
      fix: "Run `npm ci` in the folder of kvshift: it brings esbuild along. If it still fails, report these lines.",
      cause: error,
    });
  }
}

/** A module of this project, with all that it imports, as one ES module for workerd, minified. */
export async function bundleWorker(entry: string): Promise<string> {
  // Loaded here, because nothing needs it under `access: rest`.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    conditions: ["workerd", "worker"],
    mainFields: ["module", "main"],
    target: "es2024",
    external: ["cloudflare:*"],
    legalComments: "none",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

const MAX_LINES = 5;

function linesOf(error: unknown): readonly string[] {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n").slice(0, MAX_LINES);
}
