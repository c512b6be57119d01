// Plain JavaScript: runs on whatever Node.js the system has (20 and up).
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NODE_24 = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));

/**
 * Runs a TypeScript module on Node.js 24: in this process if it is one, else in a child that ends with this process.
 * @param {URL} module
 * @param {readonly string[]} args
 * @param {{ alwaysChild?: boolean }} [options] `alwaysChild`: start a fresh process even on Node.js 24
 * @returns {Promise<number | undefined>} the exit code; `undefined` where the module runs in this process
 */
export async function runOnNode24(module, args, options = {}) {
  const isNode24 = process.versions.node.startsWith("24.");
  if (isNode24 && !options.alwaysChild) {
    await import(module.href);
    return undefined;
  }
  const binary = isNode24 ? process.execPath : NODE_24;
  if (!existsSync(binary)) {
    process.stderr.write(
      "✗ Node.js 24 of this project is not installed.\n  Fix: run `npm ci` in the checkout (its install scripts must be allowed), then run this again.\n",
    );
    return 2;
  }
  // Descriptor 3 is the lifeline: the kernel closes it with this process, even on SIGKILL.
  const child = spawn(binary, [fileURLToPath(module), ...args], {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: { ...process.env, KVSHIFT_LIFELINE_FD: "3" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
