import { z } from "zod";

import type { LocalCloud } from "../../local-cloud/cloud.ts";

const tokensSchema = z.object({ result: z.array(z.object({ id: z.string(), name: z.string() })) });
const groupSchema = z.object({
  id: z.string(),
  name: z.string(),
  envVars: z.array(z.object({ key: z.string(), value: z.string() })),
});

/** Calls a vendor's emulator as a person with the bootstrap credentials would. */
export async function callCloudflare(
  cloud: LocalCloud,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  return call(`${cloud.cloudflare.url}${path}`, method, cloud.env["CLOUDFLARE_API_TOKEN"] ?? "", body);
}

export async function callRender(cloud: LocalCloud, method: string, path: string, body?: unknown): Promise<unknown> {
  return call(`${cloud.render.url}${path}`, method, cloud.env["RENDER_API_KEY"] ?? "", body);
}

/** Names of the account tokens that environments minted, in order of creation. */
export async function mintedTokens(cloud: LocalCloud, accountId: string): Promise<string[]> {
  const { result } = tokensSchema.parse(await callCloudflare(cloud, "GET", `/accounts/${accountId}/tokens`));
  return result.map(({ name }) => name).filter((name) => name.startsWith("brainbot-"));
}

/** The environment group of a stack, with all values. */
export async function environmentGroup(cloud: LocalCloud, environment: string): Promise<z.infer<typeof groupSchema>> {
  const list = z
    .array(z.object({ id: z.string(), name: z.string() }))
    .parse(await callRender(cloud, "GET", "/env-groups"));
  const found = list.find(({ name }) => name === `brainbot-${environment}-cloudflare-kv`);
  return groupSchema.parse(await callRender(cloud, "GET", `/env-groups/${found?.id ?? "none"}`));
}

async function call(url: string, method: string, key: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}

/** The calls that changed something at a vendor since the last look, `PUT /v1/env-groups/…` each. */
export function drainWrites({ cloudflare, render }: LocalCloud): string[] {
  const calls = [cloudflare, render].flatMap(({ requestLog }) => requestLog.drain());
  return calls.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
}

/** Names of everything at both vendors that was made for a preview. */
export async function previewObjects(cloud: LocalCloud): Promise<string[]> {
  const ofAccounts = cloud.accounts.flatMap(({ id }) =>
    ["storage/kv/namespaces", "workers/workers", "tokens"].map((list) =>
      callCloudflare(cloud, "GET", `/accounts/${id}/${list}`),
    ),
  );
  const lists = await Promise.all([...ofAccounts, callRender(cloud, "GET", "/env-groups")]);
  return [...JSON.stringify(lists).matchAll(/"(?:title|name)":"(brainbot-pr-[^"]+)"/g)].map(([, name = ""]) => name);
}
