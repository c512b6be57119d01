// Runs one command and ends it when the parent process ends, however that ends. Plain JavaScript without
// dependencies: it also supervises the first `npm ci`, on whatever Node.js the system has (20 and up).
//
// Usage: node supervise.js <command> [argument ...], with a pipe as standard input. The pipe is the lifeline: the
// kernel closes it with the parent, even on SIGKILL. A line "kill" on it ends the command at once.
import { spawn } from "node:child_process";

const GRACE_MS = 1_500;
const [command, ...args] = process.argv.slice(2);

let finished = false;
/** A signal that came before the command had started. */
let early;
let child;

// Before the command starts: a signal in between must not end this process without it.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => forward(signal));

/** @param {NodeJS.Signals} signal */
function forward(signal) {
  if (child === undefined) early = signal;
  else signalGroup(signal === "SIGHUP" ? "SIGTERM" : signal);
}

/** @param {NodeJS.Signals} signal */
function signalGroup(signal) {
  try {
    process.kill(-(child?.pid ?? Number.NaN), signal);
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
// A process group of its own, so that what the command starts ends with it.
child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], detached: true });
if (early !== undefined) forward(early);
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
