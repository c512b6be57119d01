import type { ServiceStatus } from "./judge-service.ts";
import type { Problem } from "./problem.ts";

/** What is wrong with services; one that is suspended or being deployed is as somebody wants it. */
export function serviceProblems(environment: string, services: readonly ServiceStatus[]): Problem[] {
  const deploy = `kvshift up --stack ${environment} --deploy`;
  const namesOf = (state: ServiceStatus["state"]): string =>
    services
      .filter((service) => service.state === state)
      .map(({ name, id }) => name ?? id)
      .join(", ");
  const stale = namesOf("stale");
  const never = namesOf("never deployed");
  const missing = namesOf("missing");
  return [
    ...(stale === ""
      ? []
      : [{ what: `Running with old variables: ${stale}.`, fix: `${deploy}, or deploy each in Render's dashboard.` }]),
    ...(never === ""
      ? []
      : [{ what: `Never deployed: ${never}.`, fix: `${deploy}, or deploy each in Render's dashboard.` }]),
    ...services.flatMap((service) => failureOf(deploy, service) ?? []),
    ...(missing === ""
      ? []
      : [
          {
            what: `Not in the workspace: ${missing}.`,
            fix: `Correct kvshift:render.services of Pulumi.${environment}.yaml, then kvshift up --stack ${environment}.`,
          },
        ]),
  ];
}

function failureOf(deploy: string, { name, id, state, lastDeploy }: ServiceStatus): Problem | undefined {
  const which = `${name ?? id}, ${lastDeploy?.id ?? "unknown"}`;
  if (state === "failed") {
    const fix = `Read its log in Render's dashboard and mend what it names; then ${deploy}.`;
    return { what: `The deploy with the new variables failed (${which}: ${lastDeploy?.status ?? "unknown"}).`, fix };
  }
  if (state !== "current" || lastDeploy?.status !== "live" || lastDeploy.trigger !== "rollback") return undefined;
  const fix = "If that deploy is from before the service was linked to the group, deploy a newer one.";
  return { what: `A rollback is live (${which}): it applies the groups of the deploy that it went back to.`, fix };
}
