import { z } from "zod";

import { AppError } from "../core/app-error.ts";
import { Secret } from "../core/secret.ts";
import { expectStatus, parseAnswer } from "./expect.ts";
import type { Send } from "./vendor-api.ts";

const NAME = "Render";
/** The most that a list gives at once: https://api-docs.render.com/reference/pagination */
const LIMIT = 100;

const linkSchema = z.object({ id: z.string(), name: z.string() });
const groupMetaSchema = z.object({
  id: z.string(),
  name: z.string(),
  ownerId: z.string(),
  createdAt: z.string(),
  environmentId: z.string().optional(),
  serviceLinks: z.array(linkSchema),
});
const variableSchema = z.object({ key: z.string(), value: z.string().transform((value) => new Secret(value)) });
const groupSchema = groupMetaSchema.extend({
  envVars: z.array(variableSchema),
  secretFiles: z.array(z.object({ name: z.string() })),
});
const serviceSchema = z.object({
  id: z.string(),
  name: z.string(),
  ownerId: z.string(),
  type: z.string(),
  environmentId: z.string().optional(),
  suspended: z.string().optional(),
  branch: z.string().optional(),
  serviceDetails: z
    .object({
      maxShutdownDelaySeconds: z.number().optional(),
      url: z.string().optional(),
      /** Only of previews: the service that they are of. */
      parentServer: linkSchema.optional(),
    })
    .optional(),
});
const deploySchema = z.object({
  id: z.string(),
  status: z.string().optional(),
  /** What it was built from; not of one from an image. */
  commit: z.object({ id: z.string().optional() }).nullish(),
  trigger: z.string().optional(),
  createdAt: z.string().optional(),
  finishedAt: z.string().nullish(),
});
const ownerSchema = z.object({ id: z.string(), name: z.string() });
const environmentSchema = z.object({ id: z.string(), name: z.string() });
const projectSchema = z.object({ id: z.string(), name: z.string() });
const blueprintSchema = z.object({ id: z.string(), name: z.string(), repo: z.string().optional() });
const blueprintDetailSchema = blueprintSchema.extend({
  path: z.string().optional(),
  autoSync: z.boolean().optional(),
  resources: z.array(z.object({ id: z.string(), name: z.string(), type: z.string() })),
});

export type RenderGroupMeta = z.infer<typeof groupMetaSchema>;
/** A group with its variables; the values are secrets. */
export type RenderGroup = z.infer<typeof groupSchema>;
export type RenderService = z.infer<typeof serviceSchema>;
export type RenderDeploy = z.infer<typeof deploySchema>;
export type RenderOwner = z.infer<typeof ownerSchema>;
export type RenderEnvironment = z.infer<typeof environmentSchema>;
export type RenderBlueprint = z.infer<typeof blueprintDetailSchema>;

/** What kvshift itself asks of https://api-docs.render.com/. Everything else goes through the provider. */
export interface Render {
  owners(): Promise<RenderOwner[]>;
  /** Previews of pull requests too. */
  services(ownerId: string): Promise<RenderService[]>;
  service(id: string): Promise<RenderService | undefined>;
  /** The variables of the service itself, without those of groups. */
  serviceVariables(id: string): Promise<{ readonly key: string; readonly value: Secret }[]>;
  /** Newest first, the first 20; with `statuses` those that are in one of them. */
  deploys(serviceId: string, statuses?: readonly string[]): Promise<RenderDeploy[]>;
  /** Deploys the last successful build with the current variables. Render may queue it and name no deploy. */
  deploy(serviceId: string): Promise<void>;
  environments(ownerId: string): Promise<RenderEnvironment[]>;
  /** All groups of a workspace. With `name`: those of exactly this name. */
  groups(ownerId: string, name?: string): Promise<RenderGroupMeta[]>;
  group(id: string): Promise<RenderGroup | undefined>;
  deleteGroup(id: string): Promise<void>;
  /** Takes one service off a group; other links of the group stay. One that is off already counts as taken. */
  unlink(groupId: string, serviceId: string): Promise<void>;
  deleteGroupVariable(groupId: string, key: string): Promise<void>;
  /** Each Blueprint of the workspace with what it owns. */
  blueprints(ownerId: string): Promise<RenderBlueprint[]>;
}

/**
 * Render, as far as kvshift itself asks it. Every call throws AppError VENDOR_FAILED where Render refuses or fails.
 * https://api-docs.render.com/reference/introduction
 */
export function createRender(send: Send): Render {
  const get = async <Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> =>
    parseAnswer(NAME, expectStatus(NAME, await send("GET", path), [200]), schema);
  const find = async <Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema> | undefined> => {
    const answer = expectStatus(NAME, await send("GET", path), [200, 404]);
    return answer.status === 404 ? undefined : parseAnswer(NAME, answer, schema);
  };
  const list = async <Item extends z.ZodType>(path: string, key: string, item: Item): Promise<z.infer<Item>[]> => {
    const schema = z.array(z.looseObject({ cursor: z.string() }));
    const all: z.infer<Item>[] = [];
    for (let cursor = ""; ;) {
      const query = `limit=${String(LIMIT)}${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
      const asked = `${path}${path.includes("?") ? "&" : "?"}${query}`;
      const answer = expectStatus(NAME, await send("GET", asked), [200]);
      const page = parseAnswer(NAME, answer, schema);
      all.push(...parseAnswer(NAME, { ...answer, json: page.map((entry) => entry[key]) }, z.array(item)));
      const last = page.at(-1);
      if (page.length < LIMIT || last === undefined) return all;
      ({ cursor } = last);
    }
  };
  const remove = async (path: string): Promise<void> => {
    expectStatus(NAME, await send("DELETE", path), [204, 404]);
  };
  return {
    owners: () => list("/owners", "owner", ownerSchema),
    services: (ownerId) => list(`/services?ownerId=${encodeURIComponent(ownerId)}`, "service", serviceSchema),
    service: (id) => find(servicePath(id), serviceSchema),
    serviceVariables: (id) => list(`${servicePath(id)}/env-vars`, "envVar", variableSchema),
    deploys: async (id, statuses = []) => {
      const filter = statuses.map((status) => `&status=${encodeURIComponent(status)}`).join("");
      const path = `${servicePath(id)}/deploys?limit=20${filter}`;
      const page = await get(path, z.array(z.object({ deploy: deploySchema })));
      const deploys = page.map(({ deploy }) => deploy);
      return deploys.toSorted((a, b) => Date.parse(b.createdAt ?? "") - Date.parse(a.createdAt ?? ""));
    },
    deploy: async (id) => {
      // https://api-docs.render.com/reference/create-deploy: 202 means queued.
      const answer = await send("POST", `${servicePath(id)}/deploys`, { deployMode: "deploy_only" });
      expectStatus(NAME, answer, [201, 202]);
    },
    environments: async (ownerId) => {
      const projects = await list(`/projects?ownerId=${encodeURIComponent(ownerId)}`, "project", projectSchema);
      const lists = await Promise.all(
        projects.map(({ id }) =>
          list(`/environments?projectId=${encodeURIComponent(id)}`, "environment", environmentSchema),
        ),
      );
      return lists.flat();
    },
    groups: async (ownerId, name) => {
      const filter = name === undefined ? "" : `&name=${encodeURIComponent(name)}`;
      const path = `/env-groups?ownerId=${encodeURIComponent(ownerId)}${filter}&limit=${String(LIMIT)}`;
      const groups = await allByTime((times) => get(`${path}${times}`, z.array(groupMetaSchema)));
      return groups.filter((group) => name === undefined || group.name === name);
    },
    group: (id) => find(groupPath(id), groupSchema),
    deleteGroup: (id) => remove(groupPath(id)),
    unlink: (id, serviceId) => remove(`${groupPath(id)}/services/${encodeURIComponent(serviceId)}`),
    deleteGroupVariable: (id, key) => remove(`${groupPath(id)}/env-vars/${encodeURIComponent(key)}`),
    blueprints: async (ownerId) => {
      const all = await list(`/blueprints?ownerId=${encodeURIComponent(ownerId)}`, "blueprint", blueprintSchema);
      return Promise.all(all.map(({ id }) => get(`/blueprints/${encodeURIComponent(id)}`, blueprintDetailSchema)));
    },
  };
}

/** A time in milliseconds since the epoch that a window begins after, or ends before. */
interface Window {
  readonly after: number;
  readonly before: number;
}

/**
 * The whole of a list that has no cursor and can be asked for by time: where a page is full, its older and its newer half
 * are asked for on their own, in whatever order Render lists them.
 * https://api-docs.render.com/reference/list-env-groups
 *
 * @throws AppError VENDOR_FAILED where more were made in one moment than a page holds: what is beyond is not known
 */
async function allByTime(
  ask: (times: string) => Promise<RenderGroupMeta[]>,
  { after, before }: Window = { after: -Infinity, before: Infinity },
): Promise<RenderGroupMeta[]> {
  const filters = [
    ...(after === -Infinity ? [] : [`&createdAfter=${encodeURIComponent(new Date(after).toISOString())}`]),
    ...(before === Infinity ? [] : [`&createdBefore=${encodeURIComponent(new Date(before).toISOString())}`]),
  ];
  const page = await ask(filters.join(""));
  if (page.length < LIMIT) return page;
  const times = page.map(({ createdAt }) => Date.parse(createdAt)).toSorted((one, other) => one - other);
  const middle = times[LIMIT / 2] ?? Number.NaN;
  // Both halves have what was made in that very millisecond.
  const halves = [
    { after, before: middle + 1 },
    { after: middle - 1, before },
  ];
  if (!halves.every((half) => half.before < before || half.after > after)) {
    throw new AppError("VENDOR_FAILED", {
      problem: `Render does not list all environment groups of the workspace: over ${String(LIMIT)} were made in one moment.`,
      fix: "Delete those that nobody needs, then run it again.",
    });
  }
  const [older = [], newer = []] = await Promise.all(halves.map((half) => allByTime(ask, half)));
  return [...new Map([...older, ...newer].map((group) => [group.id, group])).values()];
}

/** The Blueprint that owns a service or group; its next sync writes again what its file says. */
export function blueprintOf(id: string, blueprints: readonly RenderBlueprint[]): RenderBlueprint | undefined {
  return blueprints.find(({ resources }) => resources.some((resource) => resource.id === id));
}

function servicePath(id: string): string {
  return `/services/${encodeURIComponent(id)}`;
}

function groupPath(id: string): string {
  return `/env-groups/${encodeURIComponent(id)}`;
}
