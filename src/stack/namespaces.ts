// By its own path: the index of the SDK would load every resource of Cloudflare, half a second for nothing.
import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import * as pulumi from "@pulumi/pulumi";

import { shardsOf } from "../config/namespace-schema.ts";
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
    const settled = settledOf(config);
    super(COMPONENT_TYPES.namespaces, name, settled, opts);
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
    this.registerOutputs({ ids: this.ids, ...settled });
  }
}

/** What is settled once for all and no property at Cloudflare: guards and policies find it in state. */
interface Settled {
  readonly consistency: Readonly<Record<string, Consistency>>;
  /** Of strong namespaces; absent where there are none. */
  readonly shards?: Readonly<Record<string, number>>;
}

function settledOf({ namespaces }: NamespacesArgs["config"]): Settled {
  const entries = Object.entries(namespaces);
  const shards = entries.flatMap(([name, settings]) => {
    const count = shardsOf(settings);
    return count === undefined ? [] : [[name, count] as const];
  });
  return {
    consistency: Object.fromEntries(entries.map(([name, { consistency }]) => [name, consistency])),
    ...(shards.length === 0 ? {} : { shards: Object.fromEntries(shards) }),
  };
}
