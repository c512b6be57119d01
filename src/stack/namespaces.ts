import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import type { EnvironmentConfig } from "../config/schema.ts";
import { namespaceTitle } from "../core/names.ts";
import { COMPONENT_TYPES } from "./types.ts";

export interface NamespacesArgs {
  readonly environment: string;
  readonly config: Pick<EnvironmentConfig, "app" | "kind" | "cloudflare" | "namespaces">;
}

/** The KV namespaces of an environment. In production they are protected and outlive their removal from the program. */
export class Namespaces extends pulumi.ComponentResource {
  /** Cloudflare's id of each namespace, by name. */
  readonly ids: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: NamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT_TYPES.namespaces, name, {}, opts);
    const { environment, config } = args;
    const keep = config.kind === "production";
    const namespaces = Object.keys(config.namespaces).map((namespace) => {
      const resource = new cloudflare.WorkersKvNamespace(
        namespace,
        { accountId: config.cloudflare.accountId, title: namespaceTitle(config.app, environment, namespace) },
        { parent: this, protect: keep, retainOnDelete: keep },
      );
      return [namespace, resource.id] as const;
    });
    this.ids = Object.fromEntries(namespaces);
    this.registerOutputs({ ids: this.ids });
  }
}
