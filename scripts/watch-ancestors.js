// Plain JavaScript: runs on whatever Node.js the system has (20 and up).
import { execFileSync } from "node:child_process";

const POLL_MS = 500;
/** npm starts a shell that starts this process: two levels up is npm itself. */
const LEVELS = 2;

/** Ends this process when npm, which started it, is gone: a shell in between would keep it running. */
export function endWithAncestors() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const ancestors = ancestorsOf(process.pid);
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent || ancestors.some((pid) => !isAlive(pid))) process.kill(process.pid, "SIGKILL");
  }, POLL_MS).unref();
}

/** @param {number} pid */
function ancestorsOf(pid) {
  const found = [];
  for (let level = 0, current = pid; level < LEVELS; level += 1) {
    const parent = parentOf(current);
    if (parent <= 1) break;
    found.push(parent);
    current = parent;
  }
  return found;
}

/**
 * The parent's process id, 0 where it cannot be told: slim images have no `ps`.
 * @param {number} pid
 */
function parentOf(pid) {
  if (pid === process.pid) return process.ppid;
  try {
    return Number(execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" })) || 0;
  } catch {
    return 0;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
