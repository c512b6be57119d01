import * as pulumi from "@pulumi/pulumi";

import { shardsOf } from "../config/namespace-schema.ts";
import type { EnvironmentConfig } from "../config/schema.ts";
import {
  type Access,
  type Consistency,
  credentialId,
  type EnvironmentKind,
  namespaceTitle,
  type Phase,
  type Role,
  ROLES,
  type Slot,
  type SlotState,
} from "../core/names.ts";
import type { Environment } from "./environment.ts";
import type { Gateway } from "./gateway.ts";
import { readShare } from "./variables.ts";

/** Version of the form of the outputs; a state without one has the first. */
export const OUTPUTS_FORM = 1;

/** What a stack tells the flows and people, once it exists. */
export interface StackOutputs {
  readonly environment: {
    readonly form: typeof OUTPUTS_FORM;
    readonly name: string;
    readonly app: string;
    readonly kind: EnvironmentKind;
    readonly access: Access;
    readonly phase: Phase;
    readonly readShare: number;
    readonly accountId: string;
  };
  readonly namespaces: Readonly<
    Record<
      string,
      {
        readonly id: string;
        readonly title: string;
        readonly consistency: Consistency;
        /** Only of strong ones. */
        readonly shards?: number;
      }
    >
  >;
  /** Only under `access: gateway`. */
  readonly gateway?: {
    readonly workerName: string;
    readonly workerId: string;
    /** The version that the last run deployed. */
    readonly versionId: string;
    /** Without a slash at the end; the KV protocol is below `/client/v4`. */
    readonly url: string;
  };
  readonly credentials: Readonly<Record<Role, RoleOutput>>;
  readonly environmentGroup: { readonly id: string; readonly name: string; readonly services: readonly string[] };
  readonly variables: Readonly<Record<string, string>>;
  /** Secret as a whole. */
  readonly secretVariables: Readonly<Record<string, string>>;
}

export interface RoleOutput {
  readonly active: Slot;
  readonly rotation?: string;
  readonly slots: Readonly<Record<Slot, SlotOutput>>;
}

export interface SlotOutput {
  readonly id: string;
  readonly epoch: number;
  readonly state: SlotState;
  readonly mintedAt?: string | undefined;
  readonly expiresAt?: string | undefined;
}

/** The same shape before the engine has resolved it. */
export type PendingOutputs = { readonly [Name in keyof StackOutputs]: pulumi.Input<unknown> };

export function stackOutputs(environment: string, config: EnvironmentConfig, built: Environment): PendingOutputs {
  const { app, kind, access, phase } = config;
  const { accountId } = config.cloudflare;
  return {
    environment: {
      form: OUTPUTS_FORM,
      name: environment,
      app,
      kind,
      access,
      phase,
      readShare: readShare(config),
      accountId,
    },
    namespaces: Object.fromEntries(
      Object.entries(config.namespaces).map(([name, settings]) => {
        const shards = shardsOf(settings);
        const title = namespaceTitle(app, environment, name);
        const described = { id: built.namespaces.ids[name], title, consistency: settings.consistency };
        return [name, { ...described, ...(shards === undefined ? {} : { shards }) }];
      }),
    ),
    gateway: gatewayOutput(built.gateway),
    credentials: Object.fromEntries(ROLES.map((role) => [role, roleOutput(environment, config, role)])),
    environmentGroup: { id: built.group.groupId, name: built.group.groupName, services: [...config.render.services] },
    variables: built.variables.plain,
    secretVariables: pulumi.secret(built.variables.secret),
  };
}

/** `undefined` is no output at all. */
function gatewayOutput(gateway: Gateway | undefined) {
  if (gateway === undefined) return undefined;
  const { workerName, workerId, version, url } = gateway;
  return { workerName, workerId, versionId: version.id, url };
}

function roleOutput(environment: string, config: EnvironmentConfig, role: Role): RoleOutput {
  const { active, rotation, slots } = config.credentials[role];
  const slotOutput = (slot: Slot): SlotOutput => ({
    id: credentialId(environment, role, slot, slots[slot].epoch),
    ...slots[slot],
  });
  return {
    active,
    ...(rotation === undefined ? {} : { rotation }),
    slots: { a: slotOutput("a"), b: slotOutput("b") },
  };
}
