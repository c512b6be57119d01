import * as pulumi from "@pulumi/pulumi";

import type { EnvironmentConfig } from "../config/schema.ts";
import {
  type Access,
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
import { readShare } from "./variables.ts";

/** What a stack tells the flows and people, once it exists. */
export interface StackOutputs {
  readonly environment: {
    readonly name: string;
    readonly app: string;
    readonly kind: EnvironmentKind;
    readonly access: Access;
    readonly phase: Phase;
    readonly readShare: number;
    readonly accountId: string;
  };
  readonly namespaces: Readonly<
    Record<string, { readonly id: string; readonly title: string; readonly consistency: string }>
  >;
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
    environment: { name: environment, app, kind, access, phase, readShare: readShare(config), accountId },
    namespaces: Object.fromEntries(
      Object.entries(config.namespaces).map(([name, { consistency }]) => [
        name,
        { id: built.namespaces.ids[name], title: namespaceTitle(app, environment, name), consistency },
      ]),
    ),
    credentials: Object.fromEntries(ROLES.map((role) => [role, roleOutput(environment, config, role)])),
    environmentGroup: { id: built.group.groupId, name: built.group.groupName, services: [...config.render.services] },
    variables: built.variables.plain,
    secretVariables: pulumi.secret(built.variables.secret),
  };
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
