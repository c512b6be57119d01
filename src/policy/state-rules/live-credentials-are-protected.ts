import { credentialName, ROLES, SLOTS } from "../../core/names.ts";
import { RESOURCE_TYPES } from "../../stack/types.ts";
import type { StateRule } from "../state.ts";

const CREDENTIAL_TYPES: ReadonlySet<string> = new Set([RESOURCE_TYPES.accountToken, RESOURCE_TYPES.randomPassword]);

export const rule: StateRule = {
  name: "live-credentials-are-protected",
  description: "The credential of every slot that is `live` exists and is protected.",
  reason: "Services hold it: a mistake in the program or a stray `destroy` would revoke it under them.",
  fix: "Run `up` with the environment's file as it is: the program protects live slots. One that is gone is lost; mint the next epoch.",
  check: ({ config, resources }) => {
    const live = ROLES.flatMap((role) =>
      SLOTS.flatMap((slot) => {
        const { epoch, state } = config.credentials[role].slots[slot];
        return state === "live" ? [credentialName(role, slot, epoch)] : [];
      }),
    );
    return live.flatMap((name) => {
      const credential = resources.find(
        (resource) => resource.isCurrent && resource.name === name && CREDENTIAL_TYPES.has(resource.type),
      );
      if (!credential) return [{ message: `The live credential ${name} is not in the state.` }];
      const message = `The live credential ${name} is not protected.`;
      return credential.protect ? [] : [{ message, urn: credential.urn }];
    });
  },
};
