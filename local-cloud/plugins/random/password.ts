import { scryptSync } from "node:crypto";

import type { RandomBytes } from "../../../src/core/random.ts";
import { pick, type Plain, present, type Properties, sameValue } from "../plain.ts";
import { type CheckFailure, neverUpdated, type ResourceType } from "../resource.ts";
import { differenceBy, missing, type PropertyRule, type PropertyRules } from "../rules.ts";
import { isUnknown } from "../unknown.ts";
import { type CharacterClass, drawPassword } from "./characters.ts";

/** What the official provider takes where the program says nothing. */
const DEFAULTS = {
  lower: true,
  upper: true,
  numeric: true,
  number: true,
  special: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
} as const satisfies Properties;

const CLASSES = [
  { use: "lower", minimum: "minLower", characters: "abcdefghijklmnopqrstuvwxyz" },
  { use: "upper", minimum: "minUpper", characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
  { use: "numeric", minimum: "minNumeric", characters: "0123456789" },
  { use: "special", minimum: "minSpecial", characters: "!@#$%&*()-_=+[]{}<>:?" },
] as const;

const byDefault = (value: Plain): PropertyRule => ({
  replaces: true,
  same: (input, state) => sameValue(input ?? value, state ?? value),
});

const RULES = {
  length: { required: true, replaces: true },
  keepers: { replaces: true },
  overrideSpecial: { replaces: true },
  ...Object.fromEntries(Object.entries(DEFAULTS).map(([name, value]) => [name, byDefault(value)])),
} as const satisfies PropertyRules;

/** The id of every password: the value itself would stand in clear in the state. */
const ID = "none";

/**
 * `random_password`: made here and nowhere else, so there is nothing to read again and nothing to delete. Every change
 * replaces: https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/password
 */
export function passwordType(random: RandomBytes): ResourceType {
  return {
    secrets: ["result", "bcryptHash"],
    check: async (inputs) => [...missing(RULES, inputs), ...tooShort(inputs)],
    diff: async (state, inputs) => differenceBy(RULES, state, inputs),
    create: async (inputs) => {
      const known = { ...DEFAULTS, ...pick(inputs, Object.keys(RULES)) };
      const result = drawPassword(random, lengthOf(known), classesOf(known));
      return { id: ID, state: present({ ...known, result, bcryptHash: hashOf(result, random) }) };
    },
    read: async (id, state) => ({ id, state }),
    update: neverUpdated,
    delete: async () => undefined,
  };
}

function tooShort(inputs: Properties): readonly CheckFailure[] {
  const { length } = inputs;
  if (typeof length !== "number" || isUnknown(length)) return [];
  const least = classesOf({ ...DEFAULTS, ...present(inputs) }).reduce((sum, { minimum }) => sum + minimum, 0);
  if (Number.isInteger(length) && length >= Math.max(least, 1)) return [];
  return [{ property: "length", reason: `A whole number, ${String(Math.max(least, 1))} or more, is expected.` }];
}

function classesOf(properties: Properties): readonly CharacterClass[] {
  const { overrideSpecial } = properties;
  return CLASSES.filter(({ use }) => properties[use] === true).map(({ use, minimum, characters }) => ({
    characters: use === "special" && typeof overrideSpecial === "string" ? overrideSpecial : characters,
    minimum: numberOf(properties[minimum]),
  }));
}

function lengthOf({ length }: Properties): number {
  return numberOf(length);
}

function numberOf(value: Plain | undefined): number {
  return typeof value === "number" ? value : 0;
}

/** Stands where the official provider has a bcrypt hash: as secret, and read by nothing. Node.js has no bcrypt. */
function hashOf(password: string, random: RandomBytes): string {
  const salt = random(16);
  return `scrypt:${Buffer.from(salt).toString("hex")}:${scryptSync(password, salt, 32).toString("hex")}`;
}
