import { AppError } from "../../core/app-error.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import { type Answers, type Names, readable } from "./answers.ts";

/**
 * What the vendors do not have as the answers say, one line each with its flag; learns the names of what they have.
 *
 * @throws AppError VENDOR_FAILED where a vendor fails otherwise than by refusing
 */
export async function verify(answers: Answers, { cloudflare, render }: Vendors, names: Names): Promise<string[]> {
  const problems = await Promise.all([
    refusable("--account", async () => {
      await cloudflare.namespaces(answers.accountId);
      return [];
    }),
    refusable("--workspace", () => verifyWorkspace(answers, render, names)),
    ...answers.services.map((id) => refusable("--service", () => verifyService(id, answers, render, names))),
    refusable("--render-environment", () => verifyEnvironment(answers, render, names)),
  ]);
  return problems.flat();
}

async function verifyWorkspace({ ownerId }: Answers, render: Vendors["render"], names: Names): Promise<string[]> {
  const owners = await render.owners();
  const owner = owners.find(({ id }) => id === ownerId);
  if (owner === undefined) return [`--workspace: RENDER_API_KEY reaches no workspace ${ownerId}`];
  names.set(ownerId, readable(owner.name));
  return [];
}

async function verifyService(
  id: string,
  { ownerId, environmentId }: Answers,
  render: Vendors["render"],
  names: Names,
): Promise<string[]> {
  const service = await render.service(id);
  if (service === undefined) return [`--service: RENDER_API_KEY reaches no service ${id}`];
  const name = readable(service.name);
  names.set(id, name);
  if (service.ownerId !== ownerId) {
    return [`--service: ${id} (${name}) belongs to the workspace ${readable(service.ownerId)}, not to ${ownerId}`];
  }
  // https://render.com/docs/configure-environment-variables#environment-groups
  if (environmentId === undefined || service.environmentId === environmentId) return [];
  const place = service.environmentId === undefined ? "in no environment" : `in ${readable(service.environmentId)}`;
  return [`--service: ${id} (${name}) is ${place}; a group of ${environmentId} reaches only services of it`];
}

async function verifyEnvironment(
  { ownerId, environmentId }: Answers,
  render: Vendors["render"],
  names: Names,
): Promise<string[]> {
  if (environmentId === undefined) return [];
  const environments = await render.environments(ownerId);
  const environment = environments.find(({ id }) => id === environmentId);
  if (environment === undefined) return [`--render-environment: ${ownerId} has no environment ${environmentId}`];
  names.set(environmentId, readable(environment.name));
  return [];
}

async function refusable(flag: string, check: () => Promise<string[]>): Promise<string[]> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "VENDOR_FAILED" || error.retryable) throw error;
    return [`${flag}: ${[error.problem, ...error.details].join(" ")}`];
  }
}
