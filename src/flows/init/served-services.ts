import { AppError } from "../../core/app-error.ts";
import type { RunContext } from "../../core/run-context.ts";
import type { Neighbour, Neighbours } from "../../policy/model.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import { lookAround, selfOf } from "../ownership/look-around.ts";
import { servedElsewhere, servedLines, touchesProduction } from "../ownership/served-elsewhere.ts";
import type { Answers } from "./answers.ts";

/**
 * Settles services that another environment serves, before a file names them: refused where production is on one of
 * the two sides, asked for elsewhere. Returns what to warn of: where nobody can answer, `up` asks again.
 *
 * @throws AppError SERVED_ELSEWHERE, NOT_CONFIRMED
 */
export async function settleAnsweredServices(
  answers: Answers,
  { render }: Pick<Vendors, "render">,
  neighbours: Neighbours,
  { prompts }: Pick<RunContext, "prompts">,
): Promise<readonly string[]> {
  const { environment, app, kind, services } = answers;
  const self = selfOf(environment, { app }, { groups: [], namespaces: [] }, neighbours);
  const around = await lookAround(render, { ...answers, services: [...services] }, self);
  const served = servedElsewhere(around, services);
  const refused = [
    ...neighbours.known.flatMap((neighbour) => listedLines(answers, neighbour)),
    ...servedLines(
      environment,
      served.filter((one) => touchesProduction(kind, one)),
    ),
  ];
  if (refused.length > 0) {
    throw new AppError("SERVED_ELSEWHERE", {
      problem: `Services of ${environment} belong to another environment already, and one of the two is production. Nothing was written.`,
      details: refused.map((line) => `--service: ${line}`),
      fix: "Name services that no other environment has; to move one, take it out of the other environment first, with `kvshift up` there.",
    });
  }
  if (served.length === 0) return [];
  const lines = servedLines(environment, served);
  const answer = await prompts?.choose(
    `Another environment serves some of these services already. Write the file all the same?\n${lines.join("\n")}`,
    [
      { value: "no", label: "no" },
      { value: "yes", label: "yes" },
    ],
    "no",
  );
  if (answer === "no") {
    throw new AppError("NOT_CONFIRMED", {
      problem: "The services were not confirmed. Nothing was written.",
      fix: "Name services that no other environment serves with --service.",
    });
  }
  return lines.map((line) => `${line}.`);
}

/** What the project's files say: its group need not be there yet. */
function listedLines({ kind, services }: Answers, neighbour: Neighbour): string[] {
  if (kind !== "production" && neighbour.kind !== "production") return [];
  return services
    .filter((id) => neighbour.services.includes(id))
    .map((id) => `${id} is a service of the ${neighbour.kind} environment ${neighbour.environment}`);
}
