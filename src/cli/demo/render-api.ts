import { setTimeout as pause } from "node:timers/promises";

import { z } from "zod";

import { AppError } from "../../core/app-error.ts";

const POLL_MS = 100;
const DEPLOY_WITHIN_MS = 60_000;
const FAILED = new Set(["build_failed", "update_failed", "canceled", "pre_deploy_failed", "deactivated"]);

const deploysSchema = z.array(z.object({ deploy: z.object({ id: z.string(), status: z.string() }) }));

export interface RenderAccess {
  readonly url: string;
  readonly apiKey: string;
}

/**
 * Deploys a service and waits until the deploy is live. Render deploys nothing by itself when a group changes over
 * the API: https://api-docs.render.com/reference/create-deploy
 */
export async function deployAndWait(
  access: RenderAccess,
  serviceId: string,
  onStatus: (status: string) => void,
  signal: AbortSignal,
): Promise<string> {
  await call(access, "POST", `/services/${serviceId}/deploys`, { deployMode: "deploy_only" });
  const until = Date.now() + DEPLOY_WITHIN_MS;
  let last = "";
  while (Date.now() < until) {
    const answer = await call(access, "GET", `/services/${serviceId}/deploys?limit=1`);
    const newest = deploysSchema.parse(answer)[0]?.deploy;
    if (newest && newest.status !== last) {
      last = newest.status;
      onStatus(last);
    }
    if (newest?.status === "live") return newest.id;
    if (newest && FAILED.has(newest.status)) break;
    await pause(POLL_MS, signal);
  }
  throw new AppError("PROOF_FAILED", {
    problem: `The deploy of ${serviceId} did not become live (${last}).`,
    fix: "Look at the service's output above.",
  });
}

/** Sets variables of a service itself: https://api-docs.render.com/reference/update-env-var. They arrive with its next deploy. */
export async function setVariables(
  access: RenderAccess,
  serviceId: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [key, value] of Object.entries(variables)) {
    await call(access, "PUT", `/services/${serviceId}/env-vars/${key}`, { value });
  }
}

async function call(access: RenderAccess, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${access.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${access.apiKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) {
    throw new AppError("VENDOR_FAILED", {
      problem: `Render answered ${String(response.status)} to ${method} ${path}.`,
      fix: "Look at the local cloud's log.",
    });
  }
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}
