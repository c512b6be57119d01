import { Writable } from "node:stream";

import type { Clock } from "../../../src/core/clock.ts";
import { Output } from "../../../src/cli/output.ts";

class Recorder extends Writable {
  readonly isTTY: boolean;
  text = "";

  constructor(isTTY: boolean) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}

export interface RecordingOptions {
  readonly json?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly isTerminal?: boolean;
  readonly clock?: Clock;
}

/** An output that keeps what is written to it. */
export function recordingOutput({ json = false, env = {}, isTerminal = false, clock }: RecordingOptions = {}) {
  const streams = { stdout: new Recorder(isTerminal), stderr: new Recorder(isTerminal) };
  const output = new Output(streams, { json, env, ...(clock === undefined ? {} : { clock }) });
  return { output, stdout: () => streams.stdout.text, stderr: () => streams.stderr.text };
}
