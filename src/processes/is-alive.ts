import { readFileSync } from "node:fs";

/** Whether a process with this id runs on this machine, ours or another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return !isZombie(pid);
}

/** In a container whose first process does not wait for orphans, the id of an ended one stays until the container ends. */
function isZombie(pid: number): boolean {
  try {
    // The state follows the command in parentheses, which may hold anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    return /^.*\) Z/s.test(readFileSync(`/proc/${String(pid)}/stat`, "utf8"));
  } catch {
    return false; // No /proc on this system.
  }
}
