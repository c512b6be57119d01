import type { PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";

import { AppError } from "../core/app-error.ts";
import type { ResourceChange } from "../core/events.ts";
import type { Secret } from "../core/secret.ts";
import type { Plan } from "../policy/plan.ts";
import { checkPlan } from "../policy/rules.ts";
import { credentialsIn, scanState } from "../policy/state-scan.ts";
import type { StateFacts } from "../policy/state.ts";
import { type RuleViolation, violationLine } from "../policy/verdict.ts";
import { type Adoption, NO_ADOPTION, STACK_TYPE } from "../stack/types.ts";
import type { Deployment } from "../state/deployment.ts";
import { readCredentialSecrets } from "../state/credential-secrets.ts";
import { type NamedSecret, readGroupVariables } from "../state/group-variables.ts";
import { type Outputs, readOutputs } from "../state/outputs.ts";
import { RecordedState } from "../state/recorded-state.ts";
import type { Run } from "../state/runs.ts";
import { driftOf, type DriftedResource } from "./drift.ts";
import { explainFailure, policyViolated, requireJudged, violationLines } from "./engine-error.ts";
import { EngineReporter, type EngineReport, type PolicyFinding } from "./engine-report.ts";
import { whileLocked } from "./named-locks.ts";
import { openStack, type SessionOptions } from "./open-stack.ts";
import { analyzeState } from "./policy-analysis.ts";
import { runCli } from "./pulumi-cli/run-cli.ts";
import { readTags, writeTag } from "./stack-tags.ts";
import { createWorkFolder, type WorkFolder } from "./work-folder.ts";

export interface RunOptions {
  readonly adopt?: Adoption;
  readonly onChange?: OnChange;
}

export type OnChange = (change: ResourceChange) => void;

/** One stack, opened for the operations of one command. Closing it removes everything it put on disk. */
export class Session implements AsyncDisposable {
  readonly #options: SessionOptions;
  readonly #folder: WorkFolder;
  readonly #stack: Stack;
  readonly #policyPack: string;
  readonly #state = new RecordedState((args) => this.#pulumi(args));

  private constructor(options: SessionOptions, folder: WorkFolder, stack: Stack, policyPack: string) {
    this.#options = options;
    this.#folder = folder;
    this.#stack = stack;
    this.#policyPack = policyPack;
  }

  /**
   * `create`: whether a stack that does not exist yet is made.
   *
   * @throws AppError STACK_NOT_FOUND where it is not made; PASSPHRASE_MISSING, PASSPHRASE_WRONG, ENGINE_FAILED
   */
  static async open(options: SessionOptions, create: boolean): Promise<Session> {
    const { project, environment, settings } = options;
    const folder = await createWorkFolder(project, environment, settings);
    try {
      const policyPack = await explained(() => options.writePolicyPack(folder.path));
      const stack = await explained(() => openStack(options, folder, create));
      return new Session(options, folder, stack, policyPack);
    } catch (error) {
      await folder[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Plans without changing anything, with all policies.
   *
   * @throws AppError POLICY_VIOLATED where a policy forbids the plan, or could not judge it
   * @throws AppError CLOSED_BY_SIGNAL after an interrupt
   * @throws AppError PASSPHRASE_MISSING, PASSPHRASE_WRONG, PROTECTED, PROVIDERS_INVALID, VENDOR_FAILED, ENGINE_FAILED
   */
  async preview({ adopt, onChange }: RunOptions = {}): Promise<EngineReport> {
    let planned: Plan = { changes: [], outputs: [] };
    const report = await this.#run(false, onChange, async (reporter) => {
      await this.#stack.preview({
        ...this.#common(reporter),
        policyPacks: [this.#policyPack],
        program: this.#program(adopt),
      });
      planned = reporter.planned();
    });
    const violations = [...violationLines(report, "preview"), ...checkPlan(planned).map(violationLine)];
    if (violations.length > 0) throw policyViolated(violations);
    return report;
  }

  /**
   * Makes the stack what the program says, with all policies.
   *
   * @throws AppError PARTIAL where it stopped after some changes
   * @throws AppError POLICY_VIOLATED where a policy forbids a change, or could not judge it
   * @throws AppError PROTECTED where a protected resource would be deleted or replaced
   * @throws AppError CLOSED_BY_SIGNAL after an interrupt; the engine ended the step it was in
   * @throws AppError STACK_LOCKED, PASSPHRASE_MISSING, PASSPHRASE_WRONG, PROVIDERS_INVALID, VENDOR_FAILED,
   *   ENGINE_FAILED
   */
  async up({ adopt, onChange }: RunOptions = {}): Promise<EngineReport> {
    const report = await this.#run(true, onChange, (reporter) =>
      this.#stack.up({
        ...this.#common(reporter),
        policyPacks: [this.#policyPack],
        program: this.#program(adopt),
      }),
    );
    requireJudged(report);
    return report;
  }

  /**
   * Reads every resource at its vendor, and forgets each creation that a broken run left open: what became of it is
   * found by its name (`reconcile/`).
   *
   * @throws AppError PARTIAL where it stopped after some changes of the state
   * @throws AppError CLOSED_BY_SIGNAL after an interrupt; the engine ended the step it was in
   * @throws AppError STACK_LOCKED, PASSPHRASE_MISSING, PASSPHRASE_WRONG, PROVIDERS_INVALID, VENDOR_FAILED,
   *   ENGINE_FAILED
   */
  async refresh(onChange?: OnChange): Promise<EngineReport> {
    return this.#run(true, onChange, (reporter) =>
      this.#stack.refresh({ ...this.#common(reporter), clearPendingCreates: true }),
    );
  }

  /**
   * What people changed at the vendors, as the providers read it. Changes nothing and takes no lock.
   *
   * @throws AppError CLOSED_BY_SIGNAL after an interrupt
   * @throws AppError PASSPHRASE_MISSING, PASSPHRASE_WRONG, PROVIDERS_INVALID, VENDOR_FAILED, ENGINE_FAILED
   */
  async previewRefresh(): Promise<DriftedResource[]> {
    const drifted: DriftedResource[] = [];
    await this.#run(false, undefined, (reporter) =>
      this.#stack.previewRefresh({
        ...this.#common(reporter),
        onEvent: (event) => {
          reporter.onEvent(event);
          const found = driftOf(event);
          if (found !== undefined) drifted.push(found);
        },
      }),
    );
    return drifted;
  }

  /**
   * Takes a resource that nothing depends on out of the state, without asking its vendor.
   *
   * @throws AppError STACK_LOCKED, PASSPHRASE_MISSING, PASSPHRASE_WRONG, PROTECTED, ENGINE_FAILED
   */
  async forget(urn: string): Promise<void> {
    await this.#change(["state", "delete", urn, "--force", "--yes"]);
  }

  /**
   * Lets the providers look at `urns`, so that the engine drops those that are gone; also forgets every creation that
   * a broken run left open.
   *
   * @throws AppError PARTIAL where it stopped after some changes of the state
   * @throws AppError CLOSED_BY_SIGNAL after an interrupt; the engine ended the step it was in
   * @throws AppError STACK_LOCKED, PASSPHRASE_MISSING, PASSPHRASE_WRONG, PROVIDERS_INVALID, VENDOR_FAILED,
   *   ENGINE_FAILED
   */
  async dropGone(urns: readonly string[]): Promise<EngineReport> {
    const [first] = urns;
    // Without a target everything would be read; the stack itself is at no vendor.
    const target = first === undefined ? [this.#stackUrn()] : [...urns];
    return this.#run(true, undefined, (reporter) =>
      this.#stack.refresh({ ...this.#common(reporter), target, clearPendingCreates: true }),
    );
  }

  /**
   * `keepProtected`: leave protected resources where they are; otherwise their protection is lifted first.
   *
   * @throws AppError PARTIAL where it stopped after some changes
   * @throws AppError PROTECTED where a protected resource would be deleted
   * @throws AppError CLOSED_BY_SIGNAL after an interrupt; the engine ended the step it was in
   * @throws AppError STACK_LOCKED, PASSPHRASE_MISSING, PASSPHRASE_WRONG, PROVIDERS_INVALID, VENDOR_FAILED,
   *   ENGINE_FAILED
   */
  async destroy(keepProtected: boolean, onChange?: OnChange): Promise<EngineReport> {
    if (!keepProtected) await this.#unprotectAll();
    return this.#run(true, onChange, (reporter) =>
      this.#stack.destroy({ ...this.#common(reporter), excludeProtected: keepProtected }),
    );
  }

  /**
   * The outputs of the recorded state. Secrets are in clear: print them masked.
   *
   * @throws AppError STACK_NOT_FOUND, PASSPHRASE_MISSING, PASSPHRASE_WRONG, ENGINE_FAILED
   */
  async outputs(): Promise<Outputs> {
    return readOutputs(await this.#state.decrypted());
  }

  /** Every credential that exists, by its id. */
  async credentialSecrets(): Promise<ReadonlyMap<string, Secret>> {
    return readCredentialSecrets(await this.#state.decrypted(), this.#options.environment);
  }

  /** What the engine last gave the environment's group, or read there. */
  async groupVariables(): Promise<NamedSecret[]> {
    return readGroupVariables(await this.#state.decrypted());
  }

  /**
   * The recorded state with secrets as they are stored, encrypted.
   *
   * @throws AppError STACK_NOT_FOUND, PASSPHRASE_MISSING, PASSPHRASE_WRONG, ENGINE_FAILED
   */
  async exportState(): Promise<Deployment> {
    return this.#state.encrypted();
  }

  /**
   * The newest runs that the state backend remembers, newest first.
   *
   * @throws AppError STACK_NOT_FOUND, PASSPHRASE_MISSING, PASSPHRASE_WRONG, ENGINE_FAILED
   */
  async recentRuns(): Promise<Run[]> {
    return this.#state.runs();
  }

  /** Every tag of the stack. */
  async tags(): Promise<Readonly<Record<string, string>>> {
    return readTags(this.#tagged(), (args) => this.#pulumi(args));
  }

  /** A tag of the stack; `undefined` where it has none of this name. */
  async tag(name: string): Promise<string | undefined> {
    return (await this.tags())[name];
  }

  /** Sets several tags, for a run that holds the stack. */
  async setTags(tags: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(tags)) await this.setTag(name, value);
  }

  /**
   * Removes a stack without resources, with its history and its tags.
   *
   * @throws AppError STACK_LOCKED, ENGINE_FAILED where it still has resources
   */
  async removeStack(): Promise<void> {
    await this.#change(["stack", "rm", "--yes"]);
  }

  /** For a run that holds the stack. Tags are never encrypted: `value` holds no secret. */
  async setTag(name: string, value: string): Promise<void> {
    await writeTag(this.#tagged(), name, value, (args) => this.#pulumi(args));
  }

  /** The version of the CLI that runs the engine. */
  get cliVersion(): string {
    return String(this.#options.command.version ?? "unknown");
  }

  /**
   * Judges the recorded state by the policy pack; needs neither program nor vendors.
   *
   * @throws AppError STACK_NOT_FOUND, PASSPHRASE_MISSING, PASSPHRASE_WRONG, ENGINE_FAILED where the analysis broke off
   */
  async analyze(): Promise<readonly PolicyFinding[]> {
    return explained(() => analyzeState((args) => this.#cli(args), this.#policyPack));
  }

  /**
   * Judges the recorded state by what no policy pack can see: encryption, protection, retention.
   *
   * @throws AppError STACK_NOT_FOUND, PASSPHRASE_MISSING, PASSPHRASE_WRONG, ENGINE_FAILED
   */
  async scanState(config: StateFacts["config"]): Promise<readonly RuleViolation[]> {
    const [decrypted, exported] = await Promise.all([this.#state.decrypted(), this.#state.encrypted()]);
    return scanState(exported, { config, secrets: credentialsIn(decrypted) });
  }

  /** `encryptionsalt` that the engine chose for the stack's configuration file. */
  async encryptionSalt(): Promise<string | undefined> {
    return this.#folder.encryptionSalt();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }

  #tagged() {
    const { backendUrl, project, environment } = this.#options;
    return { backendUrl, project: project.name, stack: environment };
  }

  #stackUrn(): string {
    const { project, environment } = this.#options;
    return `urn:pulumi:${environment}::${project.name}::${STACK_TYPE}::${project.name}-${environment}`;
  }

  async #unprotectAll(): Promise<void> {
    await this.#change(["state", "unprotect", "--all", "--yes"]);
  }

  async #change(args: readonly string[]): Promise<void> {
    try {
      await whileLocked(() => this.#pulumi(args), this.#options.lockPatience);
    } finally {
      this.#state.changed();
    }
  }

  async #pulumi(args: readonly string[]): Promise<string> {
    return explained(() => this.#cli(args));
  }

  async #cli(args: readonly string[]): Promise<string> {
    const { workspace } = this.#stack;
    const env = {
      ...workspace.envVars,
      ...(workspace.pulumiHome === undefined ? {} : { PULUMI_HOME: workspace.pulumiHome }),
    };
    const full = [...args, "--stack", this.#options.environment];
    return runCli(this.#options.command.command, full, { cwd: this.#folder.path, env });
  }

  #program(adopt = NO_ADOPTION): PulumiFn {
    return () => this.#options.program(adopt);
  }

  #common(reporter: EngineReporter) {
    const { signal } = this.#options;
    // Without it the SDK decrypts the configuration of the last run after each operation; nobody reads that.
    const showSecrets = false;
    return {
      onEvent: reporter.onEvent,
      color: "never",
      showSecrets,
      ...(signal === undefined ? {} : { signal }),
    } as const;
  }

  async #run(
    applies: boolean,
    onChange: OnChange | undefined,
    operation: (reporter: EngineReporter) => Promise<unknown>,
  ): Promise<EngineReport> {
    const patience = applies ? this.#options.lockPatience : undefined;
    return whileLocked(() => this.#runOnce(applies, onChange, operation), patience);
  }

  async #runOnce(
    applies: boolean,
    onChange: OnChange | undefined,
    operation: (reporter: EngineReporter) => Promise<unknown>,
  ): Promise<EngineReport> {
    const reporter = new EngineReporter(onChange);
    try {
      await operation(reporter);
    } catch (error) {
      if (this.#options.signal?.aborted === true) throw interrupted();
      throw explainFailure(error, reporter.report(), applies);
    } finally {
      if (applies) this.#state.changed();
    }
    return reporter.report();
  }
}

/** Calls the engine for something that changes nothing, and explains its failure. */
async function explained<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw explainFailure(error, new EngineReporter().report(), false);
  }
}

function interrupted(): AppError {
  return new AppError("CLOSED_BY_SIGNAL", {
    problem: "The run was interrupted; the engine finished the step it was in.",
    fix: "Run the same command again: it goes on where this run stopped.",
    retryable: true,
  });
}
