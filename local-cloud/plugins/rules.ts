import { isList, isProperties, type Plain, type Properties, sameValue } from "./plain.ts";
import type { CheckFailure, Difference } from "./resource.ts";
import { isUnknown } from "./unknown.ts";

/** How one input of a resource behaves. */
export interface PropertyRule {
  readonly required?: true;
  /** A change needs a new resource. */
  readonly replaces?: true;
  /** The vendor fills it in where the program says nothing. */
  readonly computed?: true;
  /** Whether an input means what the state says; by default, whether both are equal. */
  readonly same?: (input: Plain | undefined, state: Plain | undefined) => boolean;
}

export type PropertyRules = Readonly<Record<string, PropertyRule>>;

/** What an update from `state` to `inputs` would change. What is not known yet counts as changed. */
export function differenceBy(rules: PropertyRules, state: Properties, inputs: Properties): Difference {
  const changed = Object.entries(rules).filter(([name, rule]) => !isSame(rule, inputs[name], state[name]));
  return {
    changed: changed.map(([name]) => name),
    replaces: changed.filter(([, rule]) => rule.replaces === true).map(([name]) => name),
  };
}

/** `observed`, in the words of `preferred` (order of sets, layout of JSON) where both mean the same. */
export function settle(rules: PropertyRules, preferred: Properties, observed: Properties): Properties {
  const kept = Object.entries(rules).filter(
    ([name, rule]) => preferred[name] !== undefined && isSame(rule, preferred[name], observed[name]),
  );
  return { ...observed, ...Object.fromEntries(kept.map(([name]) => [name, preferred[name]])) };
}

/** Required properties that are not there. */
export function missing(rules: PropertyRules, inputs: Properties): readonly CheckFailure[] {
  return Object.entries(rules)
    .filter(([name, rule]) => rule.required === true && (inputs[name] ?? "") === "")
    .map(([property]) => ({ property, reason: "Missing required argument." }));
}

function isSame(rule: PropertyRule, input: Plain | undefined, state: Plain | undefined): boolean {
  if (rule.computed === true && (input ?? null) === null) return true;
  return (rule.same ?? sameValue)(input, state);
}

/** Compares after `canonical` has brought both into one form. */
export function sameBy(canonical: (value: Plain | undefined) => Plain | undefined): NonNullable<PropertyRule["same"]> {
  return (input, state) => sameValue(canonical(input), canonical(state));
}

/** For objects whose missing keys the vendor fills in: whether everything that the input says is so. */
export function covers(input: Plain | undefined, state: Plain | undefined): boolean {
  if ((input ?? null) === null) return true;
  if (isProperties(input) && isProperties(state)) {
    return Object.entries(input).every(([key, nested]) => covers(nested, state[key]));
  }
  return sameValue(input, state);
}

/** Sorts a list that the vendor treats as a set. */
export function asSet(value: Plain | undefined): Plain | undefined {
  if (!isList(value) || value.some(isUnknown)) return value;
  return value.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}
