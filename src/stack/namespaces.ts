// By its own path: the index of the SDK would load every resource of Cloudflare, half a second for nothing.
import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import * as pulumi from "@pulumi/pulumi";

import type { EnvironmentConfig } from "../config/schema.ts";
import { type Consistency, namespaceTitle } from "../core/names.ts";
import { COMPONENT_TYPES } from "./types.ts";

export interface NamespacesArgs {
  readonly environment: string;
  readonly config: Pick<EnvironmentConfig, "app" | "kind" | "cloudflare" | "namespaces">;
  /** Namespaces to take up instead of creating them: Cloudflare's id by name. */
  readonly adopt?: Readonly<Record<string, string>>;
}

/** The KV namespaces of an environment. In production they are protected and outlive their removal from the program. */
export class Namespaces extends pulumi.ComponentResource {
  /** Cloudflare's id of each namespace, by name. */
  readonly ids: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: NamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
    const { environment, config, adopt = {} } = args;
    const consistency = consistencyClasses(config);
    super(COMPONENT_TYPES.namespaces, name, { consistency }, opts);
    const { accountId } = config.cloudflare;
    const keep = config.kind === "production";
    const namespaces = Object.keys(config.namespaces).map((namespace) => {
      const id = adopt[namespace];
      const resource = new WorkersKvNamespace(
        namespace,
        { accountId, title: namespaceTitle(config.app, environment, namespace) },
        {
          parent: this,
          protect: keep,
          retainOnDelete: keep,
          ...(id === undefined ? {} : { import: `${accountId}/${id}` }),
        },
      );
      return [namespace, resource.id] as const;
    });
    this.ids = Object.fromEntries(namespaces);
    this.registerOutputs({ ids: this.ids, consistency });
  }
}

/** The class of each namespace is no property at Cloudflare: the policies find it in state with the component. */
function consistencyClasses({ namespaces }: NamespacesArgs["config"]): Record<string, Consistency> {
  return Object.fromEntries(Object.entries(namespaces).map(([name, { consistency }]) => [name, consistency]));
}
