import type { Clock } from "../../src/core/clock.ts";
import type { RandomBytes } from "../../src/core/random.ts";
import { newObjectId, newUuid } from "./ids.ts";
import type { DeploymentInput, VersionInput, WorkerSettings } from "./worker-schemas.ts";

export interface WorkerVersion {
  readonly id: string;
  readonly number: number;
  readonly createdAt: number;
  readonly input: VersionInput;
  migrationTag: string | undefined;
}

export interface WorkerDeployment {
  readonly id: string;
  readonly createdAt: number;
  readonly input: DeploymentInput;
}

export interface StoredWorker {
  readonly id: string;
  readonly accountId: string;
  settings: WorkerSettings;
  readonly createdAt: number;
  updatedAt: number;
  /** Oldest first. */
  readonly versions: WorkerVersion[];
  /** Oldest first; the last one serves. */
  readonly deployments: WorkerDeployment[];
}

/** A host name that leads to a Worker. */
export interface WorkerDomain {
  readonly id: string;
  readonly accountId: string;
  readonly hostname: string;
  /** The name of the Worker. */
  readonly service: string;
  readonly zoneId: string;
  readonly zoneName: string;
}

/** The Workers of all accounts, with what was uploaded to them. */
export class WorkerStore {
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #byId = new Map<string, StoredWorker>();
  /** By id. */
  readonly domains = new Map<string, WorkerDomain>();

  constructor(clock: Clock, random: RandomBytes) {
    this.#clock = clock;
    this.#random = random;
  }

  create(accountId: string, settings: WorkerSettings): StoredWorker {
    const now = this.#clock.now();
    const id = newObjectId(this.#random);
    const worker = { id, accountId, settings, createdAt: now, updatedAt: now, versions: [], deployments: [] };
    this.#byId.set(id, worker);
    return worker;
  }

  /** By id or by name. */
  get(accountId: string, idOrName: string): StoredWorker | undefined {
    const worker = this.#byId.get(idOrName);
    return worker?.accountId === accountId ? worker : this.byName(accountId, idOrName);
  }

  byName(accountId: string, name: string): StoredWorker | undefined {
    return this.ofAccount(accountId).find((worker) => worker.settings.name === name);
  }

  /** The one deployed last, of all accounts: names are unique in an account only. */
  servingByName(name: string): StoredWorker | undefined {
    const serving = [...this.#byId.values()].filter((worker) => worker.settings.name === name);
    return serving.toSorted((a, b) => deployedAt(b) - deployedAt(a)).find(({ deployments }) => deployments.length > 0);
  }

  ofAccount(accountId: string): StoredWorker[] {
    return [...this.#byId.values()].filter((worker) => worker.accountId === accountId);
  }

  update(worker: StoredWorker, settings: WorkerSettings): void {
    worker.settings = settings;
    worker.updatedAt = this.#clock.now();
  }

  delete(worker: StoredWorker): void {
    this.#byId.delete(worker.id);
  }

  addVersion(worker: StoredWorker, input: VersionInput): WorkerVersion {
    const number = (worker.versions.at(-1)?.number ?? 0) + 1;
    const version: WorkerVersion = {
      id: newUuid(this.#random),
      number,
      createdAt: this.#clock.now(),
      input,
      migrationTag: undefined,
    };
    worker.versions.push(version);
    return version;
  }

  /** The versions of `input` exist. */
  deploy(worker: StoredWorker, input: DeploymentInput): WorkerDeployment {
    const deployment = { id: newUuid(this.#random), createdAt: this.#clock.now(), input };
    worker.deployments.push(deployment);
    for (const version of worker.versions) {
      if (input.versions.some(({ version_id: id }) => id === version.id)) {
        version.migrationTag = version.input.migrations?.new_tag;
      }
    }
    return deployment;
  }
}

function deployedAt({ deployments }: StoredWorker): number {
  return deployments.at(-1)?.createdAt ?? 0;
}
