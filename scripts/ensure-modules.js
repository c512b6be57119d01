// Plain JavaScript without dependencies: it runs on whatever Node.js the system has (20 and up).
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SUPERVISOR = fileURLToPath(new URL("../src/processes/supervise.js", import.meta.url));
const PROGRESS_EVERY_MS = 5_000;

/** Installs the node modules where they are missing or differ from the lock file. Resolves to whether they are there. */
export async function ensureModules() {
  const reason = staleReason();
  if (reason === undefined) return true;
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  process.stderr.write(`› Install the node modules (${reason}; about a minute)\n`);
  const ticker = setInterval(
    () => process.stderr.write(`  Install the node modules: ${seconds()} s\n`),
    PROGRESS_EVERY_MS,
  );
  const code = await npmCi();
  clearInterval(ticker);
  if (code !== 0) {
    process.stderr.write(
      "✗ `npm ci` failed; its own messages are above.\n  Fix: check the connection to the npm registry and run again.\n",
    );
    return false;
  }
  process.stderr.write(`✓ Install the node modules ${seconds()} s\n`);
  return true;
}

/** Why the installed modules do not serve, or `undefined` where they do. */
function staleReason() {
  const installed = readJson("node_modules/.package-lock.json");
  if (installed === undefined) return "they are missing";
  if (!existsSync(`${ROOT}/node_modules/node/bin/node`)) return "Node.js 24 is missing";
  const wanted = readJson("package-lock.json");
  for (const [path, entry] of Object.entries(wanted?.packages ?? {})) {
    if (path === "" || !path.startsWith("node_modules/")) continue;
    const found = installed.packages?.[path];
    // Optional packages are for other platforms.
    if (found === undefined ? !entry.optional : found.version !== entry.version)
      return "they differ from package-lock.json";
  }
  return undefined;
}

/** @param {string} path */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(`${ROOT}/${path}`, "utf8"));
  } catch {
    return undefined;
  }
}

/** Supervised, so that no `npm ci` goes on after this process was killed. */
function npmCi() {
  // Under NODE_ENV=production npm would leave out what tests need, and this would find them missing each time.
  const args = [SUPERVISOR, "npm", "ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["pipe", 2, 2] });
  return new Promise((resolve) => {
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
