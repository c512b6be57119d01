// Loaded with `--import` into processes that the Pulumi CLI starts (provider plugins, the policy analyzer): the CLI
// gives them no pipe to watch and they would outlive it when it is killed, so they watch who their parent is.
const POLL_MS = 300;

const parent = process.ppid;

function endWithParent(): void {
  // Process 1 adopts orphans: a parent that died before this module was loaded shows like that from the start.
  if (process.ppid !== parent || process.ppid === 1) process.kill(process.pid, "SIGKILL");
}

endWithParent();
setInterval(endWithParent, POLL_MS).unref();
