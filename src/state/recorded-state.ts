import { type Deployment, readDeployment } from "./deployment.ts";

/** Runs the Pulumi CLI on the stack and resolves to what it prints. */
type RunCli = (args: readonly string[]) => Promise<string>;

/** The state of one stack as it was recorded last, exported once between two changes: each export starts the CLI. */
export class RecordedState {
  readonly #run: RunCli;
  #encrypted: Promise<Deployment> | undefined;
  #decrypted: Promise<Deployment> | undefined;

  constructor(run: RunCli) {
    this.#run = run;
  }

  /** With secrets as they are stored. */
  encrypted(): Promise<Deployment> {
    return (this.#encrypted ??= this.#export([]));
  }

  /** With secrets in clear: nothing of it may be printed or written. */
  decrypted(): Promise<Deployment> {
    return (this.#decrypted ??= this.#export(["--show-secrets"]));
  }

  /** To be called after whatever may have changed the state, also where it failed. */
  changed(): void {
    this.#encrypted = undefined;
    this.#decrypted = undefined;
  }

  async #export(flags: readonly string[]): Promise<Deployment> {
    return readDeployment(JSON.parse(await this.#run(["stack", "export", ...flags])));
  }
}
