import type { input } from "@pulumi/cloudflare/types/index.js";
import type * as pulumi from "@pulumi/pulumi";

import { shardsOf } from "../config/namespace-schema.ts";
import type { EnvironmentConfig } from "../config/schema.ts";
import { namespaceTitle } from "../core/names.ts";
import { BINDINGS, credentialBinding, kvBinding, namespaceBinding, OBJECT_CLASSES } from "../gateway/bindings.ts";
import type { NamespaceConfig } from "../gateway/config.ts";
import type { GatewayCredentials } from "./gateway-credentials.ts";

type Binding = input.WorkerVersionBinding;

export interface GatewayBindingsArgs {
  readonly environment: string;
  readonly config: Pick<EnvironmentConfig, "app" | "cloudflare" | "namespaces">;
  readonly namespaceIds: Readonly<Record<string, pulumi.Output<string>>>;
  readonly credentials: Pick<GatewayCredentials, "issued">;
  /** On the local cloud: how many times faster waits pass. */
  readonly timeScale?: number | undefined;
}

/** What the gateway is told and what it reaches, in the order in which the API answers it: by name. */
export function gatewayBindings({
  environment,
  config,
  namespaceIds,
  credentials,
  timeScale = 1,
}: GatewayBindingsArgs): Binding[] {
  const { accountId, locationHint } = config.cloudflare;
  const namespaces = Object.entries(config.namespaces).flatMap(([name, settings]) => {
    const id = namespaceIds[name];
    if (!id) throw new Error(`the namespace ${name} was not created`);
    const title = namespaceTitle(config.app, environment, name);
    return bindNamespace(name, id, title, settings);
  });
  const bindings: Binding[] = [
    text(BINDINGS.ENVIRONMENT, environment),
    text(BINDINGS.ACCOUNT_ID, accountId),
    ...(locationHint === undefined ? [] : [text(BINDINGS.LOCATION_HINT, locationHint)]),
    ...(timeScale === 1 ? [] : [text(BINDINGS.TIME_SCALE, String(timeScale))]),
    objects(BINDINGS.SHARDS, OBJECT_CLASSES.shards),
    objects(BINDINGS.LEDGER, OBJECT_CLASSES.ledger),
    ...namespaces,
    ...credentials.issued.map(({ role, slot, config: known }) => text(credentialBinding(role, slot), known)),
  ];
  return bindings.toSorted((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
}

function bindNamespace(
  name: string,
  id: pulumi.Output<string>,
  title: string,
  settings: EnvironmentConfig["namespaces"][string],
): Binding[] {
  const { consistency, cacheTtlSeconds } = settings;
  const shards = shardsOf(settings);
  const describe = (known: string): NamespaceConfig => ({
    name,
    id: known,
    title,
    consistency,
    ...(cacheTtlSeconds === undefined ? {} : { cacheTtlSeconds }),
    ...(shards === undefined ? {} : { shards }),
  });
  const variable = text(
    namespaceBinding(name),
    id.apply((known) => JSON.stringify(describe(known))),
  );
  // Strong data is in objects: there the namespace at Cloudflare stays empty and gives no more than its id.
  return consistency === "strong"
    ? [variable]
    : [variable, { type: "kv_namespace", name: kvBinding(name), namespaceId: id }];
}

function text(name: string, value: pulumi.Input<string>): Binding {
  return { type: "plain_text", name, text: value };
}

function objects(name: string, className: string): Binding {
  return { type: "durable_object_namespace", name, className };
}

function nameOf({ name }: Binding): string {
  // Every name is made above, none is an output.
  return typeof name === "string" ? name : "";
}
