import type { Answers } from "./answers.ts";
import type { Candidates, ServiceChoice } from "./candidates.ts";
import { FIELDS } from "./field.ts";
import type { Interview } from "./interview.ts";
import type { InitOptions } from "./options.ts";

export interface AskRenderOptions {
  readonly options: Pick<InitOptions, "workspace" | "service" | "renderEnvironment">;
  readonly interview: Interview;
  readonly candidates: Candidates;
  /** `RENDER_OWNER_ID`, which Render's provider and every other command go by. */
  readonly workspaceOfProvider: string | undefined;
}

type RenderAnswers = Pick<Answers, "services" | "environmentId">;

const NO_ENVIRONMENT = "none";

/** Who reads the data. `ownerId` is `undefined` where it is missing. */
export async function askRender(from: AskRenderOptions): Promise<RenderAnswers & { readonly ownerId?: string }> {
  const { options, interview, workspaceOfProvider } = from;
  const ownerId = options.workspace ?? workspaceOfProvider ?? (await askWorkspace(from));
  if (ownerId !== undefined) return { ownerId, ...(await askServices(from, ownerId)) };
  if (!options.service) interview.lacks(`--service: expected ${FIELDS.service.expected}, of that workspace`);
  return { services: [] };
}

async function askWorkspace({ interview, candidates }: AskRenderOptions): Promise<string | undefined> {
  const workspaces = await candidates.workspaces();
  if (workspaces.length > 0) {
    return interview.choose({ flag: "--workspace", text: "Which Render workspace has the services?" }, workspaces);
  }
  interview.lacks("--workspace: RENDER_API_KEY reaches no workspace");
  return undefined;
}

async function askServices(from: AskRenderOptions, ownerId: string): Promise<RenderAnswers> {
  const { options, interview, candidates } = from;
  const choices = options.service && !interview.canAsk ? [] : await candidates.services(ownerId);
  if (!options.service && choices.length === 0) {
    interview.lacks("--service: the workspace has no service; make one at Render first");
    return { services: [] };
  }
  const question = { flag: "--service", text: "Which services get the variables?" };
  const services = options.service ?? (await interview.chooseSeveral(question, choices));
  const environmentId = options.renderEnvironment ?? (await askEnvironment(from, ownerId, services, choices));
  return { services, ...(environmentId === undefined ? {} : { environmentId }) };
}

/** A group that belongs to an environment reaches only services of it: there is a choice where all are in one. */
async function askEnvironment(
  { interview, candidates }: AskRenderOptions,
  ownerId: string,
  services: readonly string[],
  choices: readonly ServiceChoice[],
): Promise<string | undefined> {
  if (!interview.canAsk) return undefined;
  const chosen = choices.filter(({ value }) => services.includes(value));
  const places = new Set(chosen.map(({ environmentId }) => environmentId));
  const environments = await candidates.environments(ownerId);
  const shared = environments.find(({ value }) => chosen.length > 0 && places.size === 1 && places.has(value));
  if (shared === undefined) return undefined;
  const answer = await interview.choose(
    {
      flag: "--render-environment",
      text: "Does the group belong to the environment of its services, and reach no others?",
    },
    [shared, { value: NO_ENVIRONMENT, label: "no: it belongs to the workspace" }],
  );
  return answer === NO_ENVIRONMENT ? undefined : answer;
}
