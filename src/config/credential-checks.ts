import { TOKEN_LIMITS } from "../core/limits.ts";
import { type Role, ROLES, type Slot, SLOTS, tokenName } from "../core/names.ts";
import { type Check, type PartialConfig, unless } from "./check.ts";
import { areTooWide, isCidr } from "./formats.ts";
import type { Path } from "./path.ts";
import { describeValue, type Problem } from "./problems.ts";

type PartialRole = NonNullable<NonNullable<PartialConfig["credentials"]>[Role]>;
type PartialSlot = NonNullable<NonNullable<PartialRole["slots"]>[Slot]>;

const DATE_EXAMPLE = '"2027-11-23T00:00:00Z"';

function eachRole(config: PartialConfig, find: (role: PartialRole, path: Path) => readonly Problem[]) {
  return ROLES.flatMap((name) => {
    const role = config.credentials?.[name];
    return role ? find(role, ["credentials", name]) : [];
  });
}

function eachUsedSlot(config: PartialConfig, find: (slot: PartialSlot, path: Path) => readonly Problem[]) {
  return eachRole(config, ({ slots }, path) =>
    SLOTS.flatMap((name) => {
      const slot = slots?.[name];
      const used = slot?.state !== undefined && slot.state !== "empty";
      return used ? find(slot, [...path, "slots", name]) : [];
    }),
  );
}

const activeIsLive: Check = {
  rule: "The active slot is live.",
  find: (config) =>
    eachRole(config, ({ active, slots }, path) => {
      const state = active && slots?.[active]?.state;
      return unless(state === undefined || state === "live", [...path, "active"], {
        found: `${String(active)}, a slot that is ${String(state)}`,
        expected: "a slot that is live",
        fix: "name the live slot, or let a flow mint a secret first",
      });
    }),
};

const oneLiveSlot: Check = {
  rule: "Both slots are live only while `rotation` names a rotation.",
  find: (config) =>
    eachRole(config, ({ active, rotation, slots }, path) => {
      const bothLive = SLOTS.every((slot) => slots?.[slot]?.state === "live");
      const other = active === "b" ? "a" : "b";
      return unless(!bothLive || rotation !== undefined, [...path, "slots", other, "state"], {
        found: "live, as the other slot is, outside a rotation",
        expected: "one live slot unless rotation names a rotation",
        fix: "set the slot that is handed out no longer to draining; a rotation writes rotation: <id> itself",
      });
    }),
};

const epochsCount: Check = {
  rule: "A slot that is not empty has epoch 1 or more.",
  find: (config) =>
    eachUsedSlot(config, ({ epoch, state }, path) =>
      unless(epoch !== 0, [...path, "epoch"], {
        found: `0 in a slot that is ${String(state)}`,
        expected: "1 or more: epoch 0 never had a secret",
        fix: "write the epoch of the slot's secret, 1 for its first",
      }),
    ),
};

const usedSlotsHaveDates: Check = {
  rule: "A slot that is not empty has `mintedAt` and `expiresAt`.",
  find: (config) =>
    eachUsedSlot(config, (slot, path) =>
      (["mintedAt", "expiresAt"] as const).flatMap((key) =>
        // A malformed date is undefined here, but its key is left: it has been reported already.
        unless(Object.hasOwn(slot, key), [...path, key], {
          found: `nothing in a slot that is ${String(slot.state)}`,
          expected: "a date in UTC",
          fix: `add ${key}: ${DATE_EXAMPLE}`,
        }),
      ),
    ),
};

const productionExpires: Check = {
  rule: "In production every token expires: `expiresAt: never` is refused.",
  find: (config) =>
    eachUsedSlot(config, ({ expiresAt }, path) =>
      unless(config.kind !== "production" || expiresAt !== "never", [...path, "expiresAt"], {
        found: '"never" in production',
        expected: "a date in UTC: tokens of production end",
        fix: `write a date, like ${DATE_EXAMPLE}`,
      }),
    ),
};

const notExpired: Check = {
  rule: "A slot that is not empty has not expired: the provider would mint its token again.",
  find: (config, { now }) =>
    eachUsedSlot(config, ({ expiresAt, state }, path) => {
      const ends = expiresAt === undefined || expiresAt === "never" ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
      return unless(ends > now, [...path, "expiresAt"], {
        found: `${describeValue(expiresAt)}, which has passed, in a slot that is ${String(state)}`,
        expected: `a date after ${new Date(now).toISOString()}`,
        fix: state === "live" ? "rotate the credential of this role" : "set the slot to empty: its token has ended",
      });
    }),
};

const mintedBeforeExpiry: Check = {
  rule: "`mintedAt` is before `expiresAt`.",
  find: (config) =>
    eachUsedSlot(config, ({ mintedAt, expiresAt }, path) => {
      const compared = mintedAt !== undefined && expiresAt !== undefined && expiresAt !== "never";
      return unless(!compared || Date.parse(mintedAt) < Date.parse(expiresAt), [...path, "mintedAt"], {
        found: `${describeValue(mintedAt)}, which is not before expiresAt`,
        expected: `a date before ${describeValue(expiresAt)}`,
        fix: "correct mintedAt or expiresAt",
      });
    }),
};

const productionAddresses: Check = {
  rule: "In production `allowedIps` is required, and its networks together hold no more than a 256th (one /8) of the addresses of IPv4, nor of IPv6.",
  find: (config) => {
    if (config.kind !== "production") return [];
    return eachRole(config, (role, path) => [
      ...unless(Object.hasOwn(role, "allowedIps"), [...path, "allowedIps"], {
        found: "nothing in production",
        expected: "a list of at least one network",
        fix: "add allowedIps: the outbound addresses that Render shows under Connect, each with /32",
      }),
      ...tooWide(role.allowedIps ?? [], [...path, "allowedIps"]),
    ]);
  },
};

/** Each network that is too wide alone; where none is, all of them together. */
function tooWide(networks: readonly (string | undefined)[], path: Path) {
  const known = networks.map((network) => (network !== undefined && isCidr(network) ? network : undefined));
  const alone = known.flatMap((network, index) =>
    unless(network === undefined || !areTooWide([network]), [...path, index], tooWideProblem(describeValue(network))),
  );
  if (alone.length > 0) return alone;
  const all = known.flatMap((network) => network ?? []);
  return unless(!areTooWide(all), path, tooWideProblem("together"));
}

function tooWideProblem(what: string) {
  return {
    found: `${what}, more than a 256th of all addresses`,
    expected: "networks that hold no more than a 256th of all addresses together, in production",
    fix: "name the outbound addresses that Render shows under Connect, each with /32",
  };
}

const tokenNames: Check = {
  rule: `The name of a token, \`<app>-<environment>-<role>-<slot><epoch>\`, has at most ${String(TOKEN_LIMITS.MAX_NAME_CHARACTERS)} characters.`,
  find: ({ app, credentials }, { environment }) => {
    if (app === undefined) return [];
    const lengths = ROLES.flatMap((role) =>
      SLOTS.map(
        (slot) => tokenName(app, environment, role, slot, credentials?.[role]?.slots?.[slot]?.epoch ?? 0).length,
      ),
    );
    const longest = Math.max(...lengths);
    return unless(longest <= TOKEN_LIMITS.MAX_NAME_CHARACTERS, ["app"], {
      found: `a token name of ${String(longest)} characters`,
      expected: `at most ${String(TOKEN_LIMITS.MAX_NAME_CHARACTERS)} for <app>-<environment>-<role>-<slot><epoch>`,
      fix: "shorten app",
    });
  },
};

/** Rules about roles and slots. */
export const credentialChecks: readonly Check[] = [
  activeIsLive,
  oneLiveSlot,
  epochsCount,
  usedSlotsHaveDates,
  productionExpires,
  notExpired,
  mintedBeforeExpiry,
  productionAddresses,
  tokenNames,
];
