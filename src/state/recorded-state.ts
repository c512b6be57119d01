import { type Deployment, readDeployment } from "./deployment.ts";
import { readRuns, type Run } from "./runs.ts";

/** Runs the Pulumi CLI on the stack and resolves to what it prints. */
type RunCli = (args: readonly string[]) => Promise<string>;

/** What was recorded of one stack, read once between two changes: each read starts the CLI. */
export class RecordedState {
  readonly #run: RunCli;
  #encrypted: Promise<Deployment> | undefined;
  #decrypted: Promise<Deployment> | undefined;
  #runs: Promise<Run[]> | undefined;

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

  /** The newest runs, newest first. */
  runs(): Promise<Run[]> {
    return (this.#runs ??= this.#history());
  }

  /** To be called after whatever may have changed the state, also where it failed. */
  changed(): void {
    this.#encrypted = undefined;
    this.#decrypted = undefined;
    this.#runs = undefined;
  }

  async #history(): Promise<Run[]> {
    return readRuns(JSON.parse(await this.#run(["stack", "history", "--json", "--page-size", "20"])));
  }

  async #export(flags: readonly string[]): Promise<Deployment> {
    return readDeployment(JSON.parse(await this.#run(["stack", "export", ...flags])));
  }
}
