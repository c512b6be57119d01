import { z } from "zod";

import type { LocalCloud } from "../../../local-cloud/cloud.ts";

const namespacesSchema = z.object({ result: z.array(z.object({ title: z.string() })) });
const workersSchema = z.object({ result: z.array(z.object({ name: z.string() })) });
const tokensSchema = z.object({ result: z.array(z.object({ name: z.string(), id: z.string() })) });
const groupsSchema = z.array(z.object({ name: z.string() }));

/** What an environment left at the vendors: namespaces, Workers, groups, and tokens other than the cloud's own. */
export async function leftovers(cloud: LocalCloud): Promise<string[]> {
  const found: string[] = [];
  for (const { id } of cloud.accounts) {
    const account = `${cloud.cloudflare.url}/accounts/${id}`;
    const { result: namespaces } = namespacesSchema.parse(
      await getJson(`${account}/storage/kv/namespaces`, cloud.env["CLOUDFLARE_API_TOKEN"]),
    );
    found.push(...namespaces.map(({ title }) => `namespace ${title}`));
    const { result: workers } = workersSchema.parse(
      await getJson(`${account}/workers/workers`, cloud.env["CLOUDFLARE_API_TOKEN"]),
    );
    found.push(...workers.map(({ name }) => `Worker ${name}`));
    const { result: tokens } = tokensSchema.parse(
      await getJson(`${account}/tokens`, cloud.env["CLOUDFLARE_API_TOKEN"]),
    );
    found.push(...tokens.filter(({ name }) => !name.startsWith("kvshift local")).map(({ name }) => `token ${name}`));
  }
  const groups = groupsSchema.parse(await getJson(`${cloud.render.url}/env-groups`, cloud.env["RENDER_API_KEY"]));
  return [...found, ...groups.map(({ name }) => `environment group ${name}`)];
}

/** URLs of the local cloud and its services that still answer. */
export async function stillAnswering(cloud: LocalCloud): Promise<string[]> {
  const services = cloud.services.flatMap(({ id }) => cloud.urlOf(id) ?? []);
  const urls = [cloud.cloudflare.url, cloud.render.url, cloud.workers.url, ...services];
  const answers = await Promise.all(
    urls.map((url) =>
      fetch(url).then(
        () => [url],
        () => [],
      ),
    ),
  );
  return answers.flat();
}

async function getJson(url: string, token: string | undefined): Promise<unknown> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token ?? ""}` } });
  return response.json();
}
