// Runs one command and ends it when the parent process ends, however that ends. Plain JavaScript without
// dependencies: it also supervises the first `npm ci`, on whatever Node.js the system has (20 and up).
//
// Usage: node supervise.js <command> [argument ...], with a pipe as standard input. The pipe is the lifeline: the
// kernel closes it with the parent, even on SIGKILL. A line "kill" on it ends the command at once.
import { spawn } from "node:child_process";

const GRACE_MS = 1_500;
const [command, ...args] = process.argv.slice(2);

// A process group of its own, so that what the command starts ends with it.
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], detached: true });
let finished = false;

/** @param {NodeJS.Signals} signal */
function signalGroup(signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended already.
  }
}

function endNow() {
  if (finished) return;
  signalGroup("SIGTERM");
  setTimeout(() => {
    signalGroup("SIGKILL");
    process.exit(137);
  }, GRACE_MS);
}

process.stdin.on("data", (chunk) => {
  if (chunk.toString().includes("kill")) signalGroup("SIGKILL");
});
process.stdin.on("end", endNow);
process.stdin.on("error", endNow);
process.on("SIGTERM", () => signalGroup("SIGTERM"));
process.on("SIGINT", () => signalGroup("SIGINT"));
process.on("SIGHUP", () => signalGroup("SIGTERM"));

child.on("error", (error) => {
  process.stderr.write(`${command}: ${error.message}\n`);
  process.exit(127);
});
child.on("exit", (code, signal) => {
  finished = true;
  // Whatever the command left running in its group goes with it.
  signalGroup("SIGKILL");
  process.exit(signal === null ? (code ?? 1) : 128 + (signal === "SIGTERM" ? 15 : signal === "SIGINT" ? 2 : 9));
});
