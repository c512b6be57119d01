import { AppError } from "../../core/app-error.ts";
import type { Clock } from "../../core/clock.ts";
import type { Output } from "../output.ts";

export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
}

/** Runs the proofs of the demo one after the other and remembers how each went. */
export class StepRunner {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly results: StepResult[] = [];

  constructor(output: Output, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
  }

  /** A step that throws ends the demo; its failure is recorded first. */
  async run<T>(name: string, step: () => Promise<T>): Promise<T> {
    const started = this.#clock.now();
    this.#output.emit({ type: "step-started", step: name });
    try {
      const result = await step();
      this.results.push({ name, ok: true, ms: this.#clock.now() - started });
      this.#output.emit({ type: "step-finished", step: name });
      return result;
    } catch (error) {
      this.results.push({ name, ok: false, ms: this.#clock.now() - started });
      throw error;
    }
  }
}

/** A proof: what must hold, in words, or the demo fails with these words. */
export function proof(holds: boolean, claim: string, found: string): void {
  if (holds) return;
  throw new AppError("PROOF_FAILED", {
    problem: `A proof did not hold: ${claim}.`,
    details: [`found: ${found}`],
    fix: "Run `npm run demo` again; if it fails again, please report it with the lines above.",
  });
}
