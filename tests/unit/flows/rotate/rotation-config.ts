import { parseEnvironmentFile } from "../../../../src/config/file.ts";
import type { EnvironmentConfig } from "../../../../src/config/schema.ts";
import type { Role, Slot, SlotState } from "../../../../src/core/names.ts";

export const NOW = Date.parse("2027-01-01T00:00:00Z");

const CONFIG_TEXT = `config:
  kvshift:kind: development
  kvshift:app: brainbot
  kvshift:access: gateway
  kvshift:phase: kv
  kvshift:cloudflare: { accountId: "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1", workersSubdomain: brainbot }
  kvshift:namespaces: { cache: { consistency: eventual, defaultTtlSeconds: 3600 } }
  kvshift:render: { ownerId: tea-d0000000000000000001, services: [srv-d0000000000000000001] }
  kvshift:credentials:
    application: { active: a, slots: { a: A, b: { epoch: 0, state: empty } } }
    operator: { active: a, slots: { a: A, b: { epoch: 0, state: empty } } }
`.replaceAll("A,", '{ epoch: 1, state: live, mintedAt: "2026-10-01T00:00:00Z", expiresAt: "2027-10-01T00:00:00Z" },');

/** A configuration that was checked, both roles as after the first `up`. */
export function baseConfig(): EnvironmentConfig {
  return parseEnvironmentFile(CONFIG_TEXT, { environment: "dev", now: NOW, file: "Pulumi.dev.yaml" }).config;
}

interface RoleText {
  readonly active: Slot;
  readonly a: `${SlotState} ${number}`;
  readonly b: `${SlotState} ${number}`;
  readonly rotation?: string;
  /** When slot b was minted; slot a was on 2026-10-01. */
  readonly bMintedAt?: string;
}

/** The same with one role as described: state and epoch of each slot. */
export function configWith(role: Role, { active, a, b, rotation, bMintedAt = "2027-01-01T00:00:00Z" }: RoleText) {
  const config = baseConfig();
  const slot = (text: string, mintedAt: string) => {
    const [state = "", epoch = ""] = text.split(" ");
    const dates = state === "empty" ? {} : { mintedAt, expiresAt: "2027-10-01T00:00:00Z" };
    return { epoch: Number(epoch), state: state as SlotState, ...dates };
  };
  const edited = {
    ...config.credentials[role],
    active,
    ...(rotation === undefined ? {} : { rotation }),
    slots: { a: slot(a, "2026-10-01T00:00:00Z"), b: slot(b, bMintedAt) },
  };
  return { ...config, credentials: { ...config.credentials, [role]: edited } };
}
