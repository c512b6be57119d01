import type { Variable } from "./variables.ts";

export type ServiceType = "static_site" | "web_service" | "private_service" | "background_worker" | "cron_job";

export interface Owner {
  readonly id: string;
  readonly name: string;
}

/** A service of a workspace, made outside the emulator: it is seeded, not created through the API. */
export interface Service {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly type: ServiceType;
  /** Where the service is now. */
  environmentId: string | undefined;
  /** Of the repository, where the service is built from one. */
  readonly branch?: string | undefined;
  /** Of a preview: the service that it is of. */
  readonly parent?: { readonly id: string; readonly name: string } | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Variables of the service itself, newest first. */
  variables: readonly Variable[];
}

const SHORT_TYPES = {
  static_site: "static",
  web_service: "web",
  private_service: "pserv",
  background_worker: "worker",
  cron_job: "cron",
} as const satisfies Record<ServiceType, string>;

/** The type as the links of an environment group name it. */
export function shortType(type: ServiceType): (typeof SHORT_TYPES)[ServiceType] {
  return SHORT_TYPES[type];
}

/** Whether a deploy of the service starts a process that keeps running. */
export function runsInstance(type: ServiceType): boolean {
  return type !== "static_site" && type !== "cron_job";
}

/** Of static sites, which run nowhere, there is none. */
export function regionOf(type: ServiceType): string | undefined {
  return type === "static_site" ? undefined : "oregon";
}

export function runtimeOf(type: ServiceType): string | undefined {
  return type === "static_site" ? undefined : "node";
}

function serviceDetails(service: Service, url: string): Record<string, unknown> {
  const parentServer = service.parent === undefined ? {} : { parentServer: service.parent };
  if (service.type === "static_site") {
    return { buildCommand: "", publishPath: "public", url, buildPlan: "starter", ...parentServer };
  }
  const common = {
    ...parentServer,
    env: runtimeOf(service.type),
    runtime: runtimeOf(service.type),
    envSpecificDetails: { buildCommand: "npm ci", startCommand: "npm start" },
    plan: "starter",
    region: regionOf(service.type),
    buildPlan: "starter",
  };
  if (service.type === "cron_job") return { ...common, schedule: "0 0 * * *" };
  const scaled = { ...common, numInstances: 1, maxShutdownDelaySeconds: 30 };
  if (service.type === "background_worker") return scaled;
  const reachable = { ...scaled, openPorts: [{ port: 10_000, protocol: "TCP" }], url };
  return service.type === "private_service" ? reachable : { ...reachable, healthCheckPath: "/" };
}

/** The service as `GET /services/{id}` shows it. `url`: where it answers on this machine, if it does. */
export function serviceView(service: Service, url: string | undefined): Record<string, unknown> {
  const createdAt = new Date(service.createdAt).toISOString();
  return {
    id: service.id,
    name: service.name,
    ownerId: service.ownerId,
    ...(service.environmentId === undefined ? {} : { environmentId: service.environmentId }),
    ...(service.branch === undefined ? {} : { branch: service.branch }),
    type: service.type,
    slug: service.name,
    dashboardUrl: `https://dashboard.render.com/${SHORT_TYPES[service.type]}/${service.id}`,
    autoDeploy: "yes",
    notifyOnFail: "default",
    rootDir: "",
    suspended: "not_suspended",
    suspenders: [],
    createdAt,
    updatedAt: createdAt,
    serviceDetails: serviceDetails(service, url ?? `https://${service.name}.onrender.com`),
  };
}

export function emailOf({ id }: Owner): string {
  return `${id}@example.com`;
}

export function ownerView(owner: Owner): Record<string, unknown> {
  return { ...owner, email: emailOf(owner), type: owner.id.startsWith("usr-") ? "user" : "team" };
}
