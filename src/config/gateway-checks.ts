import { credentialId, gatewayWorkerName, ROLES } from "../core/names.ts";
import { type Check, unless } from "./check.ts";

/** https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 */
const MAX_LABEL_CHARACTERS = 63;
/** https://developers.cloudflare.com/workers/platform/limits/#environment-variables */
const WORKER_LIMITS = { VARIABLES: 128, VARIABLE_BYTES: 5_000 };
/** Environment, account, location hint, and a credential for each slot. Every namespace has one more. */
const OTHER_VARIABLES = 7;
const MAX_NAMESPACES = WORKER_LIMITS.VARIABLES - OTHER_VARIABLES;
/** What a credential's variable holds beside lists and id: hash, dates and the names of its keys. */
const CREDENTIAL_BYTES = 250;

const hasAddress: Check = {
  rule: "`access: gateway` needs an address: `workersSubdomain`, or `hostname` with `zoneId`.",
  find: ({ access, cloudflare }) => {
    if (access !== "gateway" || cloudflare === undefined) return [];
    // One of hostname and zoneId without the other is reported by another rule.
    const named = (["workersSubdomain", "hostname", "zoneId"] as const).some((key) => Object.hasOwn(cloudflare, key));
    return unless(named, ["cloudflare", "workersSubdomain"], {
      found: "no address of the gateway",
      expected: "workersSubdomain, or hostname and zoneId, under access: gateway",
      fix: "add workersSubdomain (the account's name under workers.dev, in the dashboard under Workers & Pages), or hostname and zoneId",
    });
  },
};

const nameIsLabel: Check = {
  rule: `Under workers.dev the gateway's name, \`<app>-<environment>-gateway\`, has at most ${String(MAX_LABEL_CHARACTERS)} characters.`,
  find: ({ access, app, cloudflare }, { environment }) => {
    if (access !== "gateway" || app === undefined || cloudflare?.hostname !== undefined) return [];
    const { length } = gatewayWorkerName(app, environment);
    return unless(length <= MAX_LABEL_CHARACTERS, ["app"], {
      found: `a name of the gateway of ${String(length)} characters`,
      expected: `at most ${String(MAX_LABEL_CHARACTERS)} for <app>-<environment>-gateway under workers.dev`,
      fix: "shorten app, or give the gateway a hostname",
    });
  },
};

const namespacesFit: Check = {
  rule: `Under \`access: gateway\` an environment has at most ${String(MAX_NAMESPACES)} namespaces: each is a variable of the Worker.`,
  find: ({ access, namespaces = {} }) => {
    const { length } = Object.keys(namespaces);
    return unless(access !== "gateway" || length <= MAX_NAMESPACES, ["namespaces"], {
      found: `${String(length)} namespaces`,
      expected: `at most ${String(MAX_NAMESPACES)} under access: gateway`,
      fix: "remove namespaces: keys with a prefix can share one",
    });
  },
};

const credentialsFit: Check = {
  rule: "Under `access: gateway` the names of all namespaces and the `allowedIps` of a role fit into 5 kB together.",
  find: ({ access, credentials, namespaces = {} }, { environment }) => {
    if (access !== "gateway") return [];
    return ROLES.flatMap((role) => {
      const { allowedIps = [], slots } = credentials?.[role] ?? {};
      const epoch = Math.max(slots?.a?.epoch ?? 0, slots?.b?.epoch ?? 0);
      const lists = JSON.stringify([Object.keys(namespaces), allowedIps, credentialId(environment, role, "a", epoch)]);
      const bytes = Buffer.byteLength(lists) + CREDENTIAL_BYTES;
      return unless(bytes <= WORKER_LIMITS.VARIABLE_BYTES, ["credentials", role, "allowedIps"], {
        found: `${String(bytes)} bytes with the names of all namespaces`,
        expected: `at most ${String(WORKER_LIMITS.VARIABLE_BYTES)} under access: gateway`,
        fix: "name wider networks, fewer namespaces or shorter ones",
      });
    });
  },
};

/** Rules about the gateway. */
export const gatewayChecks: readonly Check[] = [hasAddress, nameIsLabel, namespacesFit, credentialsFit];
