import type { EnvironmentConfig } from "../../config/schema.ts";
import { AppError } from "../../core/app-error.ts";
import type { Identity, RecordedIdentity } from "../../state/identity.ts";

export type IdentityConfig = Pick<EnvironmentConfig, "kind" | "app" | "promotedFrom"> & {
  readonly cloudflare: Pick<EnvironmentConfig["cloudflare"], "accountId">;
};

/**
 * Refuses a file that says of a provisioned environment that it is another one: as `development`, production would be
 * taken apart; with another app or account everything would be made anew beside what services use. The one change there
 * is, a promotion to production, is said in the file and recorded with it. `promotion`: whether the command carries one
 * out; one that removes would take development for production that keeps its data.
 *
 * @throws AppError ENVIRONMENT_DIFFERS
 */
export function guardIdentity(
  environment: string,
  recorded: RecordedIdentity | undefined,
  config: IdentityConfig,
  promotion: "allowed" | "refused" = "allowed",
): void {
  const problem =
    identityProblem(environment, recorded, config) ??
    (promotion === "refused" ? pendingPromotion(environment, recorded, config) : undefined);
  if (problem !== undefined) throw new AppError("ENVIRONMENT_DIFFERS", problem);
}

interface IdentityProblem {
  readonly problem: string;
  readonly details: readonly string[];
  readonly fix: string;
}

/** What `guardIdentity` refuses, for those who only look. */
export function identityProblem(
  environment: string,
  recorded: RecordedIdentity | undefined,
  config: IdentityConfig,
): IdentityProblem | undefined {
  if (recorded === undefined) return undefined;
  const file = `Pulumi.${environment}.yaml`;
  if (!recorded.readable) {
    return {
      problem: `The state of ${environment} does not say what the environment is: nothing can be compared with ${file}.`,
      details: [`not readable: ${recorded.lacks}`],
      fix: "Use the version of kvshift that wrote the state, or bring back the state as it was (`pulumi stack export --version`, `pulumi stack import`).",
    };
  }
  const { identity } = recorded;
  const details = differences(identity, config);
  if (details.length === 0) return undefined;
  const fix = `Correct ${file}, or check that --stack and the state backend are the ones that you mean. ${remedy(identity, config)}`;
  return { problem: `${file} describes another environment than the one that is provisioned.`, details, fix };
}

/** After `identityProblem`, a kind that differs is a promotion that no run has carried out. */
function pendingPromotion(
  environment: string,
  recorded: RecordedIdentity | undefined,
  { kind }: IdentityConfig,
): IdentityProblem | undefined {
  if (recorded?.readable !== true || recorded.identity.kind === kind) return undefined;
  return {
    problem: `${environment} is to become ${kind}, and no run has made it so: what ${kind} keeps is not protected yet.`,
    details: [`kind: ${kind}, provisioned is ${recorded.identity.kind}`],
    fix: `Promote it with \`kvshift up --stack ${environment}\`, or take the promotion out of Pulumi.${environment}.yaml to remove it as ${recorded.identity.kind}.`,
  };
}

function differences(was: Identity, { kind, app, cloudflare, promotedFrom }: IdentityConfig): string[] {
  const isPromotion = kind === "production" && was.kind === "development" && promotedFrom === was.kind;
  const { accountId } = cloudflare;
  return [
    ...(kind === was.kind || isPromotion ? [] : [`kind: ${kind}, provisioned is ${was.kind}`]),
    ...(app === was.app ? [] : [`app: ${app}, provisioned is ${was.app}`]),
    ...(accountId === was.accountId ? [] : [`cloudflare.accountId: ${accountId}, provisioned is ${was.accountId}`]),
  ];
}

function remedy(was: Identity, { kind, app, cloudflare }: IdentityConfig): string {
  if (app !== was.app || cloudflare.accountId !== was.accountId) {
    return "App and account of an environment stay: make another environment beside it, and move data and services there.";
  }
  if (was.kind === "production") {
    return "Production stays production: as such, `kvshift destroy` removes what is not protected, and a person ends the rest at the vendors.";
  }
  if (kind === "production" && was.kind === "development") {
    return "To make it production for good, write `kvshift:promotedFrom: development` beside the kind.";
  }
  return "A preview is never promoted: make another environment.";
}
