import { COMPONENT_TYPES } from "../../stack/types.ts";
import type { PlanRule } from "../plan.ts";

export const rule: PlanRule = {
  name: "production-stays-production",
  description:
    "An environment that is production stays production, and every environment keeps its app and its account.",
  reason:
    "As another kind, production loses its protection and its retention in the run that changes it; with another app or account everything is made anew beside what services use.",
  fix: "Correct `kvshift:kind`, `kvshift:app` or `kvshift:cloudflare.accountId`; for another environment make another stack.",
  check: ({ changes }) =>
    changes
      .filter(({ type }) => type === COMPONENT_TYPES.environment)
      .flatMap(({ urn, before, after }) => {
        if (before === undefined || after === undefined) return [];
        const left = before["kind"] === "production" && after["kind"] !== "production";
        const changed = ["app", "accountId"].filter((name) => name in before && before[name] !== after[name]);
        return [...(left ? ["kind"] : []), ...changed].map((name) => ({
          message: `The environment changes its ${name}.`,
          urn,
        }));
      }),
};
