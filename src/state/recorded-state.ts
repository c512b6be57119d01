import { sealedSecrets } from "./ciphertext.ts";
import { type Deployment, readDeployment } from "./deployment.ts";
import { readRuns, type Run } from "./runs.ts";

/** Runs the Pulumi CLI on the stack and resolves to what it prints. */
type RunCli = (args: readonly string[]) => Promise<string>;

interface Forms {
  readonly clear: Deployment;
  readonly sealed: Deployment;
}

/**
 * What was recorded of one stack, read once between two changes: each read starts the CLI, which takes half a second.
 * The export in clear says of each secret that it is stored as one, so that both forms come from it.
 */
export class RecordedState {
  readonly #run: RunCli;
  #forms: Promise<Forms> | undefined;
  #runs: Promise<Run[]> | undefined;

  constructor(run: RunCli) {
    this.#run = run;
  }

  /** Without what its secrets hold. */
  async encrypted(): Promise<Deployment> {
    return (await this.#read()).sealed;
  }

  /** With secrets in clear: nothing of it may be printed or written. */
  async decrypted(): Promise<Deployment> {
    return (await this.#read()).clear;
  }

  /** The newest runs, newest first. */
  runs(): Promise<Run[]> {
    return (this.#runs ??= this.#history());
  }

  /** To be called after whatever may have changed the state, also where it failed. */
  changed(): void {
    this.#forms = undefined;
    this.#runs = undefined;
  }

  async #history(): Promise<Run[]> {
    return readRuns(JSON.parse(await this.#run(["stack", "history", "--json", "--page-size", "20"])));
  }

  #read(): Promise<Forms> {
    return (this.#forms ??= this.#export());
  }

  async #export(): Promise<Forms> {
    const exported: unknown = JSON.parse(await this.#run(["stack", "export", "--show-secrets"]));
    return { clear: readDeployment(exported), sealed: readDeployment(sealedSecrets(exported)) };
  }
}
