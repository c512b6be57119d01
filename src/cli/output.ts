import { styleText } from "node:util";

import type { AppError } from "../core/app-error.ts";
import type { Emit, ProgressEvent } from "../core/events.ts";
import { systemClock, type Clock } from "../core/clock.ts";

export interface OutputStreams {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

type Style = "green" | "red" | "yellow" | "cyan" | "dim" | "bold";

const PROGRESS_AFTER_MS = 1_000;

/**
 * What people and programs read: data on stdout, everything else on stderr; colours only on a terminal and never
 * under NO_COLOR; with `--json` one object on stdout and nothing else there.
 */
export class Output {
  readonly #streams: OutputStreams;
  readonly #clock: Clock;
  readonly #colours: boolean;
  readonly json: boolean;
  readonly #started = new Map<string, number>();

  constructor(streams: OutputStreams, options: { json: boolean; env: Readonly<Record<string, string | undefined>>; clock?: Clock }) {
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

  paint(style: Style, text: string): string {
    return this.#colours ? styleText(style, text, { validateStream: false }) : text;
  }

  readonly emit: Emit = (event: ProgressEvent) => {
    switch (event.type) {
      case "step-started":
        this.#started.set(event.step, this.#clock.now());
        this.note(`${this.paint("cyan", "›")} ${event.step}${event.note === undefined ? "" : ` (${event.note})`}`);
        return;
      case "step-progress":
        this.note(`  ${this.paint("dim", `${event.step}: ${event.note}`)}`);
        return;
      case "step-finished":
        this.note(`${this.paint("green", "✓")} ${event.step}${this.#took(event.step)}${event.note === undefined ? "" : ` (${event.note})`}`);
        return;
      case "warning":
        this.note(`${this.paint("yellow", "!")} ${event.text}`);
    }
  };

  /** A failed command: on stderr for people, with `--json` one object on stdout as well. */
  error(error: AppError): void {
    if (this.json) this.jsonLine({ ok: false, ...error.data, error });
    this.note("");
    this.note(`${this.paint("red", "✗")} ${this.paint("bold", error.problem)} [${error.code}]`);
    for (const line of error.details) this.note(`  - ${line}`);
    this.note(`  ${this.paint("bold", "Fix:")} ${error.fix}`);
  }

  #took(step: string): string {
    const started = this.#started.get(step);
    const ms = started === undefined ? 0 : this.#clock.now() - started;
    return ms < PROGRESS_AFTER_MS ? "" : ` ${(ms / 1000).toFixed(1)} s`;
  }
}
