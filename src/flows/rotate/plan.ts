import { isTurnedBack } from "./edits.ts";
import type { RoleStage, Stage } from "./stages.ts";

/** One step that a rotation will take. */
export interface PlannedStep {
  readonly step: string;
  readonly roles: readonly string[];
  /** For people: what is done, and what has to hold before it. */
  readonly what: string;
}

export interface PlanOptions {
  readonly services: readonly string[];
  readonly access: "gateway" | "rest";
  readonly quiet: string;
  readonly refusals: string;
  readonly emergency: boolean;
}

type Describe = (stages: readonly RoleStage[], options: PlanOptions) => readonly Omit<PlannedStep, "roles">[];

/** What is left to do from each stage to the next one. */
const FROM: Readonly<Record<Stage, Describe>> = {
  idle: (stages, { emergency }) => [
    ...(emergency
      ? []
      : [{ step: "check", what: "state, vendors and services agree; nothing drifted or shadows the variables" }]),
    { step: "mint", what: `mint ${ids(stages, "nextId")}${emergency ? " and hand it out" : ""}` },
  ],
  minted: (stages, { emergency }) => [
    ...(emergency
      ? []
      : [
          {
            step: "prove",
            what: `${ids(stages, "nextId")} is accepted, reads and writes in each namespace, is refused elsewhere`,
          },
        ]),
    {
      step: "distribute",
      what: `hand out ${ids(stages, "nextId")}; ${ids(stages, "oldId")} drains; read the group back`,
    },
  ],
  distributed: (stages, { services, access, quiet, emergency }) => [
    ...(emergency || !holdsServices(stages)
      ? []
      : [{ step: "deploy", what: `deploy ${services.join(", ")}, wait until live and until old instances ended` }]),
    ...(emergency
      ? []
      : [
          {
            step: "observe",
            what:
              access === "gateway"
                ? `every service is seen with ${ids(stages, "nextId")}, and nobody used ${ids(stages, "oldId")} for ${quiet}`
                : `Cloudflare's last_used_on of ${ids(stages, "oldId")} stays as it is for ${quiet} (weaker: it does not say who)`,
          },
        ]),
    { step: "suspend", what: `${ids(stages, "oldId")} is refused, and can still come back` },
  ],
  suspended: (stages, { refusals, services, emergency }) => [
    ...(emergency && holdsServices(stages)
      ? [{ step: "deploy", what: `deploy ${services.join(", ")}, wait until live` }]
      : []),
    ...(emergency
      ? []
      : [
          {
            step: "watch",
            what: `nobody is refused with ${ids(stages, "oldId")} for ${refusals}; one refusal puts it back`,
          },
        ]),
    { step: "revoke", what: `${ids(stages, "oldId")} ends` },
  ],
  revoked: (stages) => [
    { step: "prove-revoked", what: `${ids(stages, "oldId")} is refused` },
    { step: "close", what: "the file says nothing of the rotation any more" },
  ],
};

/** What `apply` would do from where the roles stand, in order. Pure. */
export function planRotation(stages: readonly RoleStage[], options: PlanOptions): readonly PlannedStep[] {
  const order: readonly Stage[] = ["idle", "minted", "distributed", "suspended", "revoked"];
  const under = stages.filter(({ stage }) => stage !== "idle");
  const going = under.length > 0 ? under : stages;
  return order.flatMap((stage) => {
    const here = going.filter((one) => order.indexOf(one.stage) <= order.indexOf(stage));
    if (here.length === 0) return [];
    return FROM[stage](here, options).map((step) => ({ ...step, roles: here.map(({ role }) => role) }));
  });
}

/** Where a role stands, in one line. Pure. */
export function stageLine(stage: RoleStage): string {
  const { role, stage: at, oldId, nextId } = stage;
  const texts: Readonly<Record<Stage, string>> = {
    idle: `${oldId} is in use, no rotation`,
    minted: `${nextId} was minted, ${oldId} is in use`,
    distributed: `${nextId} is handed out, ${oldId} drains`,
    suspended: `${nextId} is in use, ${oldId} is suspended`,
    revoked: `${nextId} is in use, ${oldId} is gone; to be closed`,
  };
  return `${role}: ${texts[at]}${isTurnedBack(stage) ? " (being given up)" : ""}`;
}

function ids(stages: readonly RoleStage[], which: "oldId" | "nextId"): string {
  return stages.map((stage) => stage[which]).join(", ");
}

function holdsServices(stages: readonly RoleStage[]): boolean {
  return stages.some(({ role }) => role === "application");
}
