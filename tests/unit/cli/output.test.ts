import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { AppError } from "../../../src/core/app-error.ts";
import { recordingOutput } from "./recording-output.ts";

const ESCAPE = "\u001B";
const ERROR = new AppError("CONFIG_INVALID", {
  problem: "Two lines are wrong.",
  details: ["line one", "line two"],
  fix: "Mend them.",
  data: { steps: ["first"] },
});

describe("Output", () => {
  it("writes data to stdout and what is going on to stderr", () => {
    const { output, stdout, stderr } = recordingOutput();
    output.text("data");
    output.text();
    output.raw("raw");
    output.note("note");
    output.emit({ type: "warning", text: "careful" });
    expect({ stdout: stdout(), stderr: stderr() }).toEqual({ stdout: "data\n\nraw", stderr: "note\n! careful\n" });
  });

  it("writes with --json nothing but objects to stdout", () => {
    const { output, stdout, stderr } = recordingOutput({ json: true });
    output.text("for people");
    output.note("going on");
    output.jsonLine({ ok: true });
    expect({ stdout: stdout(), stderr: stderr() }).toEqual({ stdout: '{"ok":true}\n', stderr: "going on\n" });
  });

  it("shows an error with its details and its fix on stderr only", () => {
    const { output, stdout, stderr } = recordingOutput();
    output.error(ERROR);
    expect(stdout()).toBe("");
    expect(stderr()).toBe("\n✗ Two lines are wrong. [CONFIG_INVALID]\n  - line one\n  - line two\n  Fix: Mend them.\n");
  });

  it("writes an error with --json as one object on one line, with its data, and for people as well", () => {
    const { output, stdout, stderr } = recordingOutput({ json: true });
    output.error(ERROR);
    expect(stdout().split("\n")).toHaveLength(2);
    expect(JSON.parse(stdout())).toEqual({
      ok: false,
      steps: ["first"],
      error: {
        code: "CONFIG_INVALID",
        problem: "Two lines are wrong.",
        details: ["line one", "line two"],
        fix: "Mend them.",
        retryable: false,
      },
    });
    expect(stderr()).toContain("Two lines are wrong.");
  });
});

describe("colours", () => {
  const painted = (options: Parameters<typeof recordingOutput>[0]) =>
    recordingOutput(options).output.paint("red", "text");

  it("are there on a terminal", () => {
    expect(painted({ isTerminal: true, env: { TERM: "xterm" } })).toBe(`${ESCAPE}[31mtext${ESCAPE}[39m`);
    expect(painted({ isTerminal: true, env: { NO_COLOR: "" } })).toContain(ESCAPE);
  });

  it.each([
    ["without a terminal", { isTerminal: false }],
    ["without a terminal, whatever FORCE_COLOR says", { isTerminal: false, env: { FORCE_COLOR: "1" } }],
    ["under NO_COLOR", { isTerminal: true, env: { NO_COLOR: "1" } }],
    ["on a dumb terminal", { isTerminal: true, env: { TERM: "dumb" } }],
  ])("are not there %s", (_where, options) => {
    expect(painted(options)).toBe("text");
    const { output, stderr } = recordingOutput(options);
    output.error(ERROR);
    output.emit({ type: "step-started", step: "Preview" });
    output.emit({ type: "step-finished", step: "Preview" });
    expect(stderr()).not.toContain(ESCAPE);
  });
});

describe("steps", () => {
  let now = 0;
  const clock = { now: () => now };

  beforeEach(() => {
    now = 0;
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const pass = (ms: number) => {
    now += ms;
    vi.advanceTimersByTime(ms);
  };

  it("show how long they took, from one second on", () => {
    const { output, stderr } = recordingOutput({ clock });
    output.emit({ type: "step-started", step: "Preview", note: "with policies" });
    pass(999);
    output.emit({ type: "step-finished", step: "Preview", note: "1 create" });
    output.emit({ type: "step-started", step: "Update" });
    pass(1_250);
    output.emit({ type: "step-finished", step: "Update" });
    expect(stderr()).toBe("› Preview (with policies)\n✓ Preview (1 create)\n› Update\n✓ Update 1.3 s\n");
  });

  it("say that they go on while they do, and no longer", () => {
    const { output, stderr } = recordingOutput({ clock });
    output.emit({ type: "step-started", step: "Build" });
    pass(2_000);
    pass(2_100);
    output.emit({ type: "step-progress", step: "Build", note: "half way" });
    output.emit({ type: "step-finished", step: "Build" });
    pass(60_000);
    expect(stderr()).toBe("› Build\n  Build: 2 s\n  Build: 4 s\n  Build: half way\n✓ Build 4.1 s\n");
  });

  it("go quiet when the command has failed", () => {
    const { output, stderr } = recordingOutput({ clock });
    output.emit({ type: "step-started", step: "Build" });
    output.error(ERROR);
    const atTheEnd = stderr();
    pass(60_000);
    expect(stderr()).toBe(atTheEnd);
  });

  it("may finish without having started", () => {
    const { output, stderr } = recordingOutput({ clock });
    output.emit({ type: "step-finished", step: "Build" });
    expect(stderr()).toBe("✓ Build\n");
  });
});
