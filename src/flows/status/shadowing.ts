import type { Phase } from "../../core/names.ts";
import type { Problem } from "./problem.ts";

/** A service's own variables, by name. */
export interface ServiceVariables {
  readonly id: string;
  readonly name: string;
  readonly keys: readonly string[];
}

/** Another group that is linked to services of the environment. */
export interface OtherGroup {
  readonly id: string;
  readonly name: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly keys: readonly string[];
  /** Names of the services of the environment that are linked to it. */
  readonly services: readonly string[];
  /** The other environment that it belongs to: `the environment prod`. Absent where people made it. */
  readonly owner?: string;
}

/** Variables that a service gets from elsewhere than the environment's group, or should get no longer. Names only. */
export interface Shadowing {
  readonly source: "service" | "group";
  readonly id: string;
  readonly name: string;
  readonly services: readonly string[];
  readonly keys: readonly string[];
  /**
   * `wins`: its value is used instead of the group's, always. `may win`, `may lose`: of two groups the one that was
   * created last wins today, which Render does not guarantee. `left behind`: Upstash, in phase `kv`.
   * https://render.com/docs/configure-environment-variables
   */
  readonly effect: "wins" | "may win" | "may lose" | "left behind";
  /** The other environment that the group belongs to: nothing is taken out of it. */
  readonly owner?: string;
}

export interface ShadowingOptions {
  readonly phase: Phase;
  /** Names of the variables that the environment gives. */
  readonly keys: ReadonlySet<string>;
  /** When the environment's own group was created; absent where it is gone. */
  readonly createdAt: string | undefined;
  readonly services: readonly ServiceVariables[];
  readonly otherGroups: readonly OtherGroup[];
}

const UPSTASH_PREFIX = "UPSTASH_";

/** Finds what stands between the environment's variables and its services. Pure. */
export function findShadowing({ phase, keys, createdAt, services, otherGroups }: ShadowingOptions): Shadowing[] {
  const both = (
    source: Omit<Shadowing, "keys" | "effect">,
    present: readonly string[],
    effect: Shadowing["effect"],
  ) => {
    const shadowed = present.filter((key) => keys.has(key));
    const left = present.filter((key) => phase === "kv" && key.startsWith(UPSTASH_PREFIX) && !keys.has(key));
    return [
      ...(shadowed.length === 0 ? [] : [{ ...source, keys: shadowed.toSorted(), effect }]),
      ...(left.length === 0 ? [] : [{ ...source, keys: left.toSorted(), effect: "left behind" as const }]),
    ];
  };
  return [
    ...services.flatMap(({ id, name, keys: present }) =>
      both({ source: "service", id, name, services: [name] }, present, "wins"),
    ),
    ...otherGroups.flatMap(({ id, name, services: linked, createdAt: other, keys: present, owner }) =>
      both(
        { source: "group", id, name, services: linked, ...(owner === undefined ? {} : { owner }) },
        present,
        createdAt !== undefined && Date.parse(other) < Date.parse(createdAt) ? "may lose" : "may win",
      ),
    ),
  ];
}

const EFFECTS = {
  wins: "which beats the environment's group",
  "may win": "and is newer than the environment's group: it wins today, which Render does not guarantee",
  "may lose": "and is older than the environment's group: it loses today, which Render does not guarantee",
  "left behind": "which phase kv no longer needs",
} as const satisfies Record<Shadowing["effect"], string>;

/** One problem for each place, with what to do there. */
export function shadowingProblems(environment: string, shadowings: readonly Shadowing[]): Problem[] {
  return shadowings.map((shadowing) => {
    const { source, name, keys, effect, owner } = shadowing;
    const where =
      source === "service"
        ? `The service ${name} itself`
        : `The group ${name}${owner === undefined ? "" : ` of ${owner}`}`;
    const what = `${where} sets ${keys.join(", ")}, ${EFFECTS[effect]}.`;
    return { what, fix: fixOf(environment, shadowing) };
  });
}

function fixOf(environment: string, { source, name, id, services, effect, owner }: Shadowing): string {
  if (owner !== undefined) {
    return `A service has the variables of one environment. Take ${services.join(", ")} out of kvshift:render.services of Pulumi.${environment}.yaml, or, where it is this environment's, out of the services of ${owner}; then kvshift up --stack ${environment} --deploy.`;
  }
  const page = source === "service" ? `the Environment page of ${name}` : `the group ${name}`;
  if (effect === "left behind") return `When no code reads them any more, delete them from ${page} and deploy.`;
  if (source === "group")
    return `kvshift adopt --stack ${environment} --group ${id} takes them out of it; then deploy.`;
  return `Delete them from ${page} in Render's dashboard, and deploy it.`;
}
