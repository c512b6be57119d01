import { fileURLToPath } from "node:url";

const ENTRY = fileURLToPath(new URL("./kv-binding.ts", import.meta.url));
let script: Promise<string> | undefined;

/** kv-binding.ts as one module for workerd; made once. */
export function kvBindingScript(): Promise<string> {
  return (script ??= build());
}

async function build(): Promise<string> {
  const { build: bundle } = await import("esbuild");
  const { outputFiles } = await bundle({
    entryPoints: [ENTRY],
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}
