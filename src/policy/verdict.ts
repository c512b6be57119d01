import { nameOfUrn } from "../stack/types.ts";
import type { RuleText, Violation } from "./model.ts";

/** A violation together with the rule that it breaks. */
export interface RuleViolation extends Violation {
  readonly rule: string;
  readonly fix: string;
}

interface Rule<View> extends RuleText {
  check(view: View): readonly Violation[];
}

/** Everything that breaks one of `rules`, in their order. */
export function judge<View>(view: View, rules: readonly Rule<View>[]): readonly RuleViolation[] {
  return rules.flatMap((rule) =>
    rule.check(view).map((violation) => ({ ...violation, rule: rule.name, fix: rule.fix })),
  );
}

/** A violation in the form in which the pack's findings are shown. */
export function violationLine({ rule, message, fix, urn }: RuleViolation): string {
  const resource = urn === undefined ? "" : ` (${nameOfUrn(urn)})`;
  return `${rule}${resource}: ${message}\nFix: ${fix}`;
}
