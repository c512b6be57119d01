import type { Clock } from "../../src/core/clock.ts";
import type { RandomBytes } from "../../src/core/random.ts";
import type { VariableSnapshot } from "./deploy.ts";
import type { EnvGroups } from "./env-groups.ts";
import type { ServiceLauncher } from "./launcher.ts";
import { notFound } from "./problem.ts";
import { type DeployPace, ServiceDeploys } from "./service-deploys.ts";
import type { ServiceDirectory } from "./service-directory.ts";
import { runsInstance, type Service } from "./service.ts";
import { effectiveVariables } from "./variables.ts";

export interface DeployRegistryOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly directory: ServiceDirectory;
  readonly groups: EnvGroups;
  readonly launcher: ServiceLauncher;
  readonly overlap: "wait" | "override";
  readonly pace: DeployPace;
}

/** The deploys of all services, and the variables that they start with. */
export class DeployRegistry {
  readonly #directory: ServiceDirectory;
  readonly #groups: EnvGroups;
  readonly #deploys: Map<string, ServiceDeploys>;
  readonly #deploysFor: (service: Service) => ServiceDeploys;

  constructor({ directory, groups, ...shared }: DeployRegistryOptions) {
    this.#directory = directory;
    this.#groups = groups;
    this.#deploysFor = (service) =>
      new ServiceDeploys({
        ...shared,
        serviceId: service.id,
        runsInstance: runsInstance(service.type),
        snapshot: (rollbackTo) => this.#snapshot(service, rollbackTo),
      });
    this.#deploys = new Map(directory.services.map((service) => [service.id, this.#deploysFor(service)]));
  }

  of(serviceId: string): ServiceDeploys {
    const deploys = this.#deploys.get(serviceId);
    if (deploys === undefined) throw notFound(`service ${serviceId}`);
    return deploys;
  }

  add(service: Service): void {
    this.#deploys.set(service.id, this.#deploysFor(service));
  }

  /** Cancels the deploys of a service and ends its instances. */
  async remove(serviceId: string): Promise<void> {
    await this.of(serviceId).close();
    this.#deploys.delete(serviceId);
  }

  effectiveEnv(serviceId: string): Record<string, string> {
    return { ...this.#snapshot(this.#directory.service(serviceId), undefined).effective };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#deploys.values()].map((deploys) => deploys.close()));
  }

  /**
   * A rollback brings back the service's own variables and the set of groups, but takes the values that the groups
   * have now; a group that was deleted meanwhile is skipped: https://render.com/docs/rollbacks.
   */
  #snapshot(service: Service, rollbackTo: VariableSnapshot | undefined): VariableSnapshot {
    const ofService = rollbackTo?.ofService ?? service.variables;
    const groups =
      rollbackTo === undefined
        ? this.#groups.linkedTo(service.id)
        : this.#groups.list().filter(({ id }) => rollbackTo.groupIds.includes(id));
    const ofGroups = groups.map(({ variables }) => variables);
    return { ofService, groupIds: groups.map(({ id }) => id), effective: effectiveVariables(ofService, ofGroups) };
  }
}
