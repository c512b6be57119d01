import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";
// By its own path, as with Cloudflare's resources.
import { RandomPassword } from "@pulumi/random/randomPassword.js";

import type { EnvironmentConfig } from "../config/schema.ts";
import { credentialId, credentialName, gatewaySecret, type Role, ROLES, type Slot, SLOTS } from "../core/names.ts";
import type { CredentialConfig } from "../gateway/config.ts";
import { COMPONENT_TYPES } from "./types.ts";

/** 62 characters to choose from: 285 bits. */
const SECRET_CHARACTERS = 48;

export interface GatewayCredentialsArgs {
  readonly environment: string;
  readonly config: Pick<EnvironmentConfig, "credentials" | "namespaces">;
}

/** One credential of a slot that is not empty. */
interface IssuedCredential {
  readonly role: Role;
  readonly slot: Slot;
  /** As its holder presents it; secret. */
  readonly secret: pulumi.Output<string>;
  /** JSON of a `CredentialConfig`: what the gateway knows of it. Not secret, it holds a hash. */
  readonly config: pulumi.Output<string>;
}

/**
 * The credentials under `access: gateway`: a random password for each slot that is not empty, which only its
 * holder gets; the gateway gets its hash. The epoch is part of the resource's name: only a new one mints a new secret.
 */
export class GatewayCredentials extends pulumi.ComponentResource {
  readonly issued: readonly IssuedCredential[];

  constructor(name: string, args: GatewayCredentialsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT_TYPES.gatewayCredentials, name, {}, opts);
    this.issued = ROLES.flatMap((role) =>
      SLOTS.filter((slot) => args.config.credentials[role].slots[slot].state !== "empty").map((slot) =>
        this.#issue(role, slot, args),
      ),
    );
    this.registerOutputs({});
  }

  /** The secret of the active slot of `role`. */
  activeSecret(role: Role, active: Slot): pulumi.Output<string> {
    const credential = this.issued.find((candidate) => candidate.role === role && candidate.slot === active);
    // The schema refuses an active slot that is not live.
    if (!credential) throw new Error(`the active slot ${active} of ${role} holds no credential`);
    return credential.secret;
  }

  #issue(role: Role, slot: Slot, { environment, config }: GatewayCredentialsArgs): IssuedCredential {
    const { slots, allowedIps } = config.credentials[role];
    const { epoch, state, expiresAt } = slots[slot];
    const password = new RandomPassword(
      credentialName(role, slot, epoch),
      { length: SECRET_CHARACTERS, special: false, keepers: { epoch: String(epoch) } },
      { parent: this, protect: state === "live" },
    );
    const id = credentialId(environment, role, slot, epoch);
    // Mocks and older engines do not apply the SDK's own marking.
    const secret = pulumi.secret(password.result).apply((result) => gatewaySecret(id, result));
    const describe = (presented: string): CredentialConfig => ({
      id,
      role,
      sha256: createHash("sha256").update(presented).digest("hex"),
      namespaces: Object.keys(config.namespaces).toSorted(),
      access: "write",
      ...(expiresAt === undefined || expiresAt === "never" ? {} : { expiresAt }),
      ...(allowedIps === undefined ? {} : { allowedIps }),
      ...(state === "suspended" ? { suspended: true } : {}),
    });
    // A hash of 285 random bits tells nothing about them, and the policies have to see what a binding holds.
    const known = pulumi.unsecret(secret.apply((presented) => JSON.stringify(describe(presented))));
    return { role, slot, secret, config: known };
  }
}
