import { Socket } from "node:net";

/** Names the file descriptor of a pipe that the starting process holds open for as long as it lives. */
const LIFELINE = "KVSHIFT_LIFELINE_FD";

/**
 * Ends this process when the process that started it has gone, however it went: the kernel closes the pipe.
 * The descriptor is not handed on, so each process watches only its own starter.
 */
export function endWithStarter(env: NodeJS.ProcessEnv): void {
  const descriptor = Number(env[LIFELINE]);
  delete env[LIFELINE];
  if (!Number.isInteger(descriptor) || descriptor < 3) return;
  const pipe = new Socket({ fd: descriptor, readable: true, writable: false });
  pipe.on("end", end).on("error", end).on("close", end);
  pipe.resume();
  pipe.unref();
}

function end(): void {
  process.kill(process.pid, "SIGKILL");
}
