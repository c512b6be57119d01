import { fileURLToPath } from "node:url";

import { systemSleep } from "../../local-cloud/system-sleep.ts";
import { freePort, LOOPBACK } from "../../local-cloud/http/loopback.ts";
import { spawnSupervised } from "../../src/processes/spawn-supervised.ts";

/** The application before and after the migration. */
export type SideName = "before" | "after";

/** One of them as a running service. */
export interface Service extends AsyncDisposable {
  readonly side: SideName;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
}

export interface ServiceOptions {
  readonly side: SideName;
  /** A Python with what the side requires. */
  readonly python: string;
  /** Everything but PATH. */
  readonly variables: Readonly<Record<string, string>>;
}

const READY_WITHIN_MS = 60_000;
const POLL_MS = 50;
const STOP_GRACE_MS = 3_000;
const KEPT_LINES = 20;

export function folderOf(side: SideName): string {
  return fileURLToPath(new URL(`../../examples/brainbot/${side}/`, import.meta.url));
}

/** Starts uvicorn as `render.yaml` does, and waits until it is ready: it warms its cache first. */
export async function startService({ side, python, variables }: ServiceOptions): Promise<Service> {
  const port = await freePort();
  const address = ["--host", LOOPBACK, "--port", String(port)];
  const quiet = ["--no-access-log", "--log-level", "warning"];
  const lines: string[] = [];
  const child = spawnSupervised(
    python,
    ["-m", "uvicorn", "--app-dir", "src", "--factory", "brainbot.main:application", ...address, ...quiet],
    {
      cwd: folderOf(side),
      env: { PATH: process.env["PATH"] ?? "", ...variables },
      onOutput: (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
      },
    },
  );
  let isOver = false;
  void child.exited.then(() => (isOver = true));
  const url = `http://${LOOPBACK}:${String(port)}`;
  const stop = () => child.stop(STOP_GRACE_MS);
  const until = performance.now() + READY_WITHIN_MS;
  while (!(await answers(`${url}/healthz`))) {
    if (isOver || performance.now() > until) {
      await stop();
      throw new Error(`brainbot ${side} did not start:\n${lines.join("\n")}`);
    }
    await systemSleep(POLL_MS);
  }
  return { side, url, [Symbol.asyncDispose]: stop };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
