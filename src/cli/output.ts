import { styleText } from "node:util";

import type { AppError } from "../core/app-error.ts";
import { systemClock, type Clock } from "../core/clock.ts";
import type { Emit, ProgressEvent, ResourceChange } from "../core/events.ts";
import { changeLine, type Paint } from "./change-lines.ts";

export interface OutputStreams {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

const SHOW_DURATION_FROM_MS = 1_000;
/** A step that says nothing for this long looks dead. */
const HEARTBEAT_MS = 2_000;

interface RunningStep {
  readonly started: number;
  readonly heartbeat: NodeJS.Timeout;
}

/**
 * What people and programs read: data on stdout, everything else on stderr; colours only on a terminal and never
 * under NO_COLOR; with `--json` one object on stdout and nothing else there.
 */
export class Output {
  readonly #streams: OutputStreams;
  readonly #clock: Clock;
  readonly #colours: boolean;
  readonly json: boolean;
  readonly #running = new Map<string, RunningStep>();

  constructor(
    streams: OutputStreams,
    options: { json: boolean; env: Readonly<Record<string, string | undefined>>; clock?: Clock },
  ) {
    this.#streams = streams;
    this.#clock = options.clock ?? systemClock;
    this.json = options.json;
    this.#colours = streams.stderr.isTTY === true && !options.env["NO_COLOR"] && options.env["TERM"] !== "dumb";
  }

  /** Data for people, on stdout; not printed with `--json`. */
  text(line = ""): void {
    if (!this.json) this.#streams.stdout.write(`${line}\n`);
  }

  /** Data that is asked for in this very form, on stdout. */
  raw(text: string): void {
    this.#streams.stdout.write(text);
  }

  /** One object on one line, on stdout. */
  jsonLine(value: unknown): void {
    this.#streams.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** What is going on, on stderr. */
  note(line: string): void {
    this.#streams.stderr.write(`${line}\n`);
  }

  readonly paint: Paint = (style, text) => (this.#colours ? styleText(style, text, { validateStream: false }) : text);

  readonly emit: Emit = (event: ProgressEvent) => {
    switch (event.type) {
      case "step-started":
        this.#start(event.step);
        this.note(`${this.paint("cyan", "›")} ${event.step}${event.note === undefined ? "" : ` (${event.note})`}`);
        return;
      case "step-progress":
        this.note(`  ${this.paint("dim", `${event.step}: ${event.note}`)}`);
        return;
      case "step-finished":
        this.note(
          `${this.paint("green", "✓")} ${event.step}${this.#finish(event.step)}${event.note === undefined ? "" : ` (${event.note})`}`,
        );
        return;
      case "resource":
        this.#resource(event.change, event.done);
        return;
      case "object-removed":
        this.note(`  ${this.paint("red", "-")} ${event.what} ${event.name} done`);
        return;
      case "note":
        this.note(`  ${event.text}`);
        return;
      case "warning":
        this.note(`${this.paint("yellow", "!")} ${event.text}`);
    }
  };

  /** A failed command: on stderr for people, with `--json` one object on stdout as well. */
  error(error: AppError): void {
    for (const step of this.#running.keys()) this.#finish(step);
    if (this.json) this.jsonLine({ ok: false, ...error.data, error });
    this.note("");
    this.note(`${this.paint("red", "✗")} ${this.paint("bold", error.problem)} [${error.code}]`);
    for (const line of error.details) this.note(`  - ${line}`);
    this.note(`  ${this.paint("bold", "Fix:")} ${error.fix}`);
  }

  #resource(change: ResourceChange, done: boolean): void {
    const line = changeLine(change, this.paint);
    if (line !== undefined) this.note(done ? `${line} done` : line);
  }

  #start(step: string): void {
    const started = this.#clock.now();
    const heartbeat = setInterval(() => {
      const seconds = Math.round((this.#clock.now() - started) / 1000);
      this.emit({ type: "step-progress", step, note: `${String(seconds)} s` });
    }, HEARTBEAT_MS);
    heartbeat.unref();
    this.#running.set(step, { started, heartbeat });
  }

  /** Ends a step; returns how long it took, where that is worth a word. */
  #finish(step: string): string {
    const running = this.#running.get(step);
    if (!running) return "";
    clearInterval(running.heartbeat);
    this.#running.delete(step);
    const ms = this.#clock.now() - running.started;
    return ms < SHOW_DURATION_FROM_MS ? "" : ` ${(ms / 1000).toFixed(1)} s`;
  }
}

/** Columns as wide as their widest cell, two spaces between, no trailing spaces. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
