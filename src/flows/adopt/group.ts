import { AppError } from "../../core/app-error.ts";
import type { Secret } from "../../core/secret.ts";
import { blueprintOf, type RenderBlueprint, type RenderGroup } from "../../vendors/render.ts";
import type { Owner } from "../ownership/owners.ts";

export interface GroupAdoptionOptions {
  /** The group that people made. */
  readonly group: RenderGroup;
  /** What the environment's own group holds, by variable. */
  readonly dedicated: ReadonlyMap<string, Secret>;
  readonly environment: string;
  /** Ids of the services that are linked to the environment's own group. */
  readonly served: readonly string[];
  readonly blueprints: readonly RenderBlueprint[];
  /** A person says that the variables have left `render.yaml`. */
  readonly leftBlueprint: boolean;
}

export interface GroupAdoption {
  /** Variables that the environment's own group gives from now on, and that leave this one. */
  readonly move: readonly string[];
  /** Those of them whose value in the environment's group is another. */
  readonly changed: readonly string[];
  /** Everything else in the group: never touched. */
  readonly stay: readonly string[];
}

/** Where the data is: another value here would leave sessions behind. */
const DATABASE_VARIABLES: ReadonlySet<string> = new Set(["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"]);

/**
 * Decides which variables of a group that people made move to the environment's own one. Its other variables stay
 * where they are: the environment's group is for the variables of kvshift alone. Pure.
 *
 * @throws AppError ADOPTION_REFUSED where the database differs, a service would lose out, or a Blueprint owns the group
 */
export function planGroupAdoption(options: GroupAdoptionOptions): GroupAdoption {
  const { group, dedicated } = options;
  const move = group.envVars.map(({ key }) => key).filter((key) => dedicated.has(key));
  const changed = group.envVars
    .filter(({ key, value }) => dedicated.has(key) && dedicated.get(key)?.reveal() !== value.reveal())
    .map(({ key }) => key);
  const stay = [
    ...group.envVars.map(({ key }) => key).filter((key) => !dedicated.has(key)),
    ...group.secretFiles.map(({ name }) => name),
  ];
  const plan = { move, changed, stay };
  if (move.length > 0) refuse(plan, options);
  return plan;
}

function refuse(plan: GroupAdoption, options: GroupAdoptionOptions): void {
  const { group, environment, served, blueprints, leftBlueprint } = options;
  const elsewhere = plan.changed.filter((key) => DATABASE_VARIABLES.has(key));
  if (elsewhere.length > 0) {
    throw new AppError("ADOPTION_REFUSED", {
      problem: `The group ${group.name} names another Upstash database than Pulumi.${environment}.yaml.`,
      details: elsewhere.map((key) => `${key}: the values differ`),
      fix: "Find out which database the services use, and write that one into kvshift:upstash of the file.",
    });
  }
  const strangers = group.serviceLinks.filter(({ id }) => !served.includes(id));
  if (strangers.length > 0) {
    throw new AppError("ADOPTION_REFUSED", {
      problem: `Services that the environment ${environment} does not serve take these variables from ${group.name}.`,
      details: [...strangers.map(({ id, name }) => `${name} (${id})`), `they would lose: ${plan.move.join(", ")}`],
      fix: "Add them to kvshift:render.services and run `kvshift up` first, or unlink them from the group.",
    });
  }
  const owner = blueprintOf(group.id, blueprints);
  if (owner && !leftBlueprint) throw ownedByBlueprint(owner, group, plan);
}

/**
 * Refuses a group of another environment: services run with its variables, and nothing but the `up` of that environment
 * may change them.
 *
 * @throws AppError ADOPTION_REFUSED
 */
export function refuseOwned(
  { id, name }: Pick<RenderGroup, "id" | "name">,
  environment: string,
  owner: Owner | undefined,
): void {
  if (owner === undefined) return;
  const { who, evidence } = owner;
  throw new AppError("ADOPTION_REFUSED", {
    problem: `The group ${name} (${id}) is not for ${environment} to take up: it belongs to ${who}.`,
    details: [evidence],
    fix: "Name a group that people made. If people made this one as a copy, delete its CLOUDFLARE_KV_CREDENTIAL_ID, and give it a name that does not end in -cloudflare-kv.",
  });
}

/** A sync writes again what the file says: https://render.com/docs/infrastructure-as-code */
function ownedByBlueprint(owner: RenderBlueprint, group: RenderGroup, { move, stay }: GroupAdoption): AppError {
  const file = owner.path ?? "render.yaml";
  const repository = owner.repo === undefined ? "" : ` of ${owner.repo}`;
  const entry = `envVarGroups, name: ${group.name}`;
  return new AppError("ADOPTION_REFUSED", {
    problem: `The Blueprint ${owner.name} owns the group ${group.name}: its next sync would write the variables again.`,
    details: [
      `in ${file}${repository}, under ${entry}:`,
      ...move.map((key) => `remove the variable ${key}`),
      ...(stay.length === 0
        ? ["remove the whole group: nothing else is in it", `remove each fromGroup: ${group.name} of the services`]
        : [`leave the others: ${stay.join(", ")}`]),
    ],
    fix: "Merge that change, let the Blueprint sync (it deletes nothing by itself), then run this again with --left-blueprint.",
  });
}
