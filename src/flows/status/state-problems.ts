import { ROLES, SLOTS } from "../../core/names.ts";
import type { ReconcilePlan } from "../reconcile/plan.ts";
import { behindLines } from "../environment/guards.ts";
import { identityProblem } from "../environment/guard-identity.ts";
import { OBJECT_NAMES } from "../reconcile/reconcile.ts";
import type { Observation } from "./observe.ts";
import type { Problem } from "./problem.ts";

type DifferenceInput = Pick<
  Observation,
  "environment" | "config" | "identity" | "recorded" | "objects" | "provisioned" | "lastRun"
>;

/** Where the file says something else than what was provisioned, and runs that did not end well. */
export function differenceProblems(input: DifferenceInput): Problem[] {
  const { environment, lastRun } = input;
  const other = identityProblem(environment, input.identity, input.config);
  const differences = differencesOf(input);
  const isBehind = behindLines(input.recorded, input.config).length > 0;
  const up = isBehind
    ? `This checkout is older than what was provisioned: pull the newest Pulumi.${environment}.yaml.`
    : `kvshift preview --stack ${environment} shows what changes, kvshift up --stack ${environment} applies it.`;
  return [
    ...(other === undefined ? [] : [{ what: [other.problem, ...other.details].join(" "), fix: other.fix }]),
    ...(lastRun?.result === "failed"
      ? [{ what: `The last run (${lastRun.kind}) failed.`, fix: `Run kvshift up --stack ${environment}: it goes on.` }]
      : []),
    ...(differences.length === 0
      ? []
      : [{ what: `The file differs from what was provisioned: ${differences.join("; ")}.`, fix: up }]),
  ];
}

function differencesOf({ config, recorded, objects, provisioned: { outputs } }: DifferenceInput): string[] {
  if (outputs === undefined) return ["no run has ended well yet"];
  const { phase, readShare } = outputs.environment;
  const names = Object.keys(config.namespaces);
  const known = objects.namespaces.map(({ name }) => name);
  return [
    ...(phase === config.phase ? [] : [`phase ${config.phase}, provisioned ${phase}`]),
    ...(phase === "dual" && config.phase === "dual" && readShare !== (config.readShare ?? 0)
      ? [`readShare ${String(config.readShare ?? 0)}, provisioned ${String(readShare)}`]
      : []),
    ...names.filter((name) => !known.includes(name)).map((name) => `namespace ${name} is not there yet`),
    ...known.filter((name) => !names.includes(name)).map((name) => `namespace ${name} is no longer in the file`),
    ...ROLES.flatMap((role) => {
      const { active, slots } = config.credentials[role];
      const was = outputs.credentials[role].active;
      return [
        ...(active === was ? [] : [`${role} slot ${active} is active, provisioned ${was}`]),
        ...SLOTS.flatMap((slot) => {
          const { epoch, state, expiresAt } = slots[slot];
          const is = recorded.slots[role][slot];
          // A lost credential is a problem of its own.
          if (is === undefined || is.lost === true) return [];
          if (is.epoch === epoch && is.state === state) {
            const given = outputs.credentials[role].slots[slot]?.expiresAt;
            return given === undefined || sameEnd(expiresAt, given)
              ? []
              : [`${role} slot ${slot} ends ${expiresAt ?? "never"}, provisioned ${given}`];
          }
          return [`${role} slot ${slot} is ${state} ${String(epoch)}, provisioned ${is.state} ${String(is.epoch)}`];
        }),
      ];
    }),
  ];
}

function sameEnd(one: string | undefined, other: string | undefined): boolean {
  const [mine, its] = [one, other].map((date) => (date === undefined || date === "never" ? "never" : Date.parse(date)));
  return mine === its;
}

/** Objects of the environment's exact names that no state knows: what `up` does about each before it runs the engine. */
export function unrecordedProblems(
  environment: string,
  { drop, adopt, remove, keep, refuse, clearPendingCreates }: ReconcilePlan,
): Problem[] {
  const up = `kvshift up --stack ${environment}`;
  return [
    ...(clearPendingCreates ? [{ what: "A run broke off while it created something.", fix: `${up} goes on.` }] : []),
    // With its Worker gone, that is said of the Worker.
    ...drop
      .filter(({ kind }) => kind === "worker-part" && drop.every((one) => one.kind !== "worker"))
      .map(({ id }) => ({
        what: `The gateway's host name (${id}) no longer leads to it.`,
        fix: `${up} attaches it again.`,
      })),
    ...Object.keys(adopt.namespaces).map((name) => ({
      what: unknown("namespace", name),
      fix: `${up} takes it up with its data.`,
    })),
    ...(adopt.worker === undefined
      ? []
      : [{ what: unknown("worker", adopt.worker), fix: `${up} takes it up with its objects.` }]),
    ...remove.map(({ kind, name }) => ({ what: unknown(kind, name), fix: `${up} removes it.` })),
    ...[...keep, ...refuse].map(({ kind, name, why, fix }) => ({
      what: `The ${OBJECT_NAMES[kind]} ${name} exists: ${why}.`,
      fix,
    })),
  ];
}

function unknown(kind: keyof typeof OBJECT_NAMES, name: string): string {
  return `The ${OBJECT_NAMES[kind]} ${name} exists, but no state knows it.`;
}
