import { z } from "zod";

import type { LocalCloud } from "../../local-cloud/cloud.ts";

const deployments = z.object({
  deployments: z.array(z.object({ versions: z.array(z.object({ version_id: z.string(), percentage: z.number() })) })),
});
const version = z.object({
  id: z.string(),
  bindings: z.array(z.object({ type: z.string(), name: z.string(), text: z.string().optional() })),
  modules: z.array(z.object({ name: z.string(), content_base64: z.string() })),
});

export interface DeployedVersion {
  readonly versionId: string;
  /** What the program uploaded. */
  readonly bindings: z.infer<typeof version>["bindings"];
  readonly module: string;
}

type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** Calls Cloudflare of the local cloud below an account; resolves with the result. */
export function cloudflareCaller({ cloudflare, env }: LocalCloud, account: string): Call {
  return async (method, path, body) => {
    const response = await fetch(`${cloudflare.url}/accounts/${account}${path}`, {
      method,
      headers: { authorization: `Bearer ${env["CLOUDFLARE_API_TOKEN"] ?? ""}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { success, result } = (await response.json()) as { success: boolean; result: unknown };
    if (!success) throw new Error(`${method} ${path}: ${String(response.status)}`);
    return result;
  };
}

/** The version that the Worker `name` serves. */
export async function deployedVersion(call: Call, name: string): Promise<DeployedVersion> {
  const [newest] = deployments.parse(await call("GET", `/workers/scripts/${name}/deployments`)).deployments;
  const versionId = newest?.versions[0]?.version_id ?? "";
  const uploaded = version.parse(await call("GET", `/workers/workers/${name}/versions/${versionId}?include=modules`));
  const { bindings, modules } = uploaded;
  return { versionId, bindings, module: Buffer.from(modules[0]?.content_base64 ?? "", "base64").toString() };
}
