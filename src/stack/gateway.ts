// By their own paths: the index of the SDK would load every resource of Cloudflare, half a second for nothing.
import { Worker } from "@pulumi/cloudflare/worker.js";
import { WorkersCustomDomain } from "@pulumi/cloudflare/workersCustomDomain.js";
import { WorkerVersion } from "@pulumi/cloudflare/workerVersion.js";
import * as pulumi from "@pulumi/pulumi";

import type { EnvironmentConfig } from "../config/schema.ts";
import { gatewayWorkerName } from "../core/names.ts";
import { OBJECT_CLASSES } from "../gateway/bindings.ts";
import { gatewayBindings, type GatewayBindingsArgs } from "./gateway-bindings.ts";
import { gatewayUrl } from "./gateway-url.ts";
import { COMPONENT_TYPES } from "./types.ts";

/**
 * Which behaviour of the runtime the gateway was tested with. A later date is a new version of every gateway, and may
 * change what it does: https://developers.cloudflare.com/workers/configuration/compatibility-dates/
 */
export const COMPATIBILITY_DATE = "2026-07-01";

const MAIN_MODULE = "gateway.js";
const NAME = "gateway";

/** The text of the gateway's one module. */
export type Bundle = () => Promise<string>;

export interface GatewayArgs extends GatewayBindingsArgs {
  readonly config: Pick<EnvironmentConfig, "app" | "kind" | "cloudflare" | "namespaces">;
  readonly bundle: Bundle;
  /** Where the local cloud serves Workers. */
  readonly localWorkersUrl?: string | undefined;
  /** Cloudflare's id of a Worker to take up instead of creating one. */
  readonly adopt?: string | undefined;
}

/** The Worker of an environment, with the version that it serves, and its host name where it has one. */
export class Gateway extends pulumi.ComponentResource {
  readonly workerName: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly workerId: pulumi.Output<string>;
  /** Depend on it to come after the deployment. */
  readonly version: WorkerVersion;

  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT_TYPES.gateway, name, {}, opts);
    const { environment, config, localWorkersUrl } = args;
    const { hostname, zoneId } = config.cloudflare;
    this.workerName = gatewayWorkerName(config.app, environment);
    this.url = gatewayUrl(environment, config, localWorkersUrl);
    const worker = this.#createWorker(args);
    this.workerId = worker.id;
    this.version = this.#createVersion(worker, args);
    if (hostname !== undefined && zoneId !== undefined) this.#attachHostName(worker, { ...args, hostname, zoneId });
    this.registerOutputs({ workerId: this.workerId, versionId: this.version.id });
  }

  /** The strong data of the environment lives in it: production keeps it. */
  #createWorker({ config, adopt }: GatewayArgs): Worker {
    const { accountId, hostname } = config.cloudflare;
    const keep = config.kind === "production";
    return new Worker(
      NAME,
      {
        accountId,
        name: this.workerName,
        // Said in full: a setting that is not sent keeps what somebody set by hand.
        subdomain: { enabled: hostname === undefined, previewsEnabled: false },
        observability: { enabled: true },
      },
      {
        parent: this,
        protect: keep,
        retainOnDelete: keep,
        ...(adopt === undefined ? {} : { import: `${accountId}/${adopt}` }),
      },
    );
  }

  /**
   * Every change of a version is another version, which the engine calls a replacement, and it refuses to replace what
   * is protected: with `protect`, production could never get new code, nor another credential. What must not go is the
   * Worker. Replaced versions are retained, so that a rollback at Cloudflare finds them.
   */
  #createVersion(worker: Worker, args: GatewayArgs): WorkerVersion {
    const { config, bundle } = args;
    const content = pulumi.output(bundle()).apply((module) => Buffer.from(module).toString("base64"));
    return new WorkerVersion(
      NAME,
      {
        accountId: config.cloudflare.accountId,
        workerId: worker.id,
        mainModule: MAIN_MODULE,
        modules: [{ name: MAIN_MODULE, contentType: "application/javascript+module", contentBase64: content }],
        bindings: gatewayBindings(args),
        exports: Object.fromEntries(
          Object.values(OBJECT_CLASSES).map((className) => [className, { type: "durable-object", storage: "sqlite" }]),
        ),
        compatibilityDate: COMPATIBILITY_DATE,
        deploy: true,
      },
      { parent: this, retainOnDelete: config.kind === "production" },
    );
  }

  #attachHostName(
    worker: Worker,
    { config, hostname, zoneId }: GatewayArgs & { hostname: string; zoneId: string },
  ): void {
    new WorkersCustomDomain(
      NAME,
      { accountId: config.cloudflare.accountId, hostname, zoneId, service: worker.name },
      // A host name whose Worker has no version yet answers with an error.
      { parent: this, dependsOn: [this.version] },
    );
  }
}
