import { Hono } from "hono";
import { z } from "zod";

import type { RandomBytes } from "../../src/core/random.ts";
import type { RenderBindings } from "./emulator-bindings.ts";
import { type EnvGroup, envGroupMetaView, type EnvGroups, envGroupView } from "./env-groups.ts";
import type { Environments } from "./environments.ts";
import { notFound } from "./problem.ts";
import { matchesList, matchesTime, page } from "./query.ts";
import { parseBody } from "./request-body.ts";
import type { ServiceDirectory } from "./service-directory.ts";
import { resolveVariable, resolveVariables, variableSchema, variableValueSchema } from "./variables.ts";

// The official provider sends `null` for lists that are not configured.
const newGroupSchema = z.object({
  name: z.string(),
  ownerId: z.string(),
  environmentId: z.string().optional(),
  envVars: z.array(variableSchema).nullish(),
  secretFiles: z.array(z.object({ name: z.string().min(1), content: z.string() })).nullish(),
  serviceIds: z.array(z.string()).nullish(),
});
const renameSchema = z.object({ name: z.string() });
const secretFileSchema = z.object({ content: z.string() });

function matches(group: EnvGroup, query: URLSearchParams): boolean {
  return (
    matchesList(query, "name", group.name) &&
    matchesList(query, "ownerId", group.ownerId) &&
    matchesList(query, "environmentId", group.environmentId) &&
    matchesTime(query, "created", group.createdAt) &&
    matchesTime(query, "updated", group.updatedAt)
  );
}

export interface EnvGroupRoutesOptions {
  readonly groups: EnvGroups;
  readonly directory: ServiceDirectory;
  readonly environments: Environments;
  readonly random: RandomBytes;
}

/** `/env-groups`: https://api-docs.render.com/reference/list-env-groups and what follows there. */
export function envGroupRoutes(options: EnvGroupRoutesOptions): Hono<RenderBindings> {
  const { groups, directory, environments, random } = options;
  const app = new Hono<RenderBindings>();

  app.get("/", (c) => {
    const query = new URL(c.req.url).searchParams;
    const matching = groups.list().filter((group) => matches(group, query));
    // A bare list without cursors; only the id of its last item can serve as one.
    return c.json(page(matching, query, ({ id }) => id).map(envGroupMetaView));
  });

  app.post("/", (c) => {
    const input = parseBody(newGroupSchema, c.env.body);
    if (!directory.hasOwner(input.ownerId)) throw notFound(`workspace ${input.ownerId}`);
    if (input.environmentId !== undefined) environments.assertUsable(input.environmentId, input.ownerId);
    const group = groups.create({
      name: input.name,
      ownerId: input.ownerId,
      environmentId: input.environmentId,
      variables: resolveVariables(input.envVars ?? [], random),
      secretFiles: (input.secretFiles ?? []).toReversed(),
      services: [...new Set(input.serviceIds)].map((id) => directory.service(id)),
    });
    return c.json(envGroupView(group), 201);
  });

  app.get("/:group", (c) => c.json(envGroupView(groups.get(c.req.param("group")))));

  app.patch("/:group", (c) => {
    const { id } = groups.get(c.req.param("group"));
    return c.json(envGroupView(groups.rename(id, parseBody(renameSchema, c.env.body).name)));
  });

  app.delete("/:group", (c) => {
    groups.delete(c.req.param("group"));
    return c.body(null, 204);
  });

  app.get("/:group/env-vars/:key", (c) => c.json(groups.variable(c.req.param("group"), c.req.param("key"))));

  app.put("/:group/env-vars/:key", (c) => {
    const { id } = groups.get(c.req.param("group"));
    const variable = resolveVariable(c.req.param("key"), parseBody(variableValueSchema, c.env.body), random);
    return c.json(envGroupView(groups.putVariable(id, variable)));
  });

  app.delete("/:group/env-vars/:key", (c) => {
    groups.deleteVariable(c.req.param("group"), c.req.param("key"));
    return c.body(null, 204);
  });

  app.get("/:group/secret-files/:name", (c) => c.json(groups.secretFile(c.req.param("group"), c.req.param("name"))));

  app.put("/:group/secret-files/:name", (c) => {
    const { id } = groups.get(c.req.param("group"));
    const { content } = parseBody(secretFileSchema, c.env.body);
    return c.json(envGroupView(groups.putSecretFile(id, { name: c.req.param("name"), content })));
  });

  app.delete("/:group/secret-files/:name", (c) => {
    groups.deleteSecretFile(c.req.param("group"), c.req.param("name"));
    return c.body(null, 204);
  });

  app.post("/:group/services/:service", (c) => {
    const { id } = groups.get(c.req.param("group"));
    return c.json(envGroupView(groups.link(id, directory.service(c.req.param("service")))));
  });

  app.delete("/:group/services/:service", (c) => {
    const { id } = groups.get(c.req.param("group"));
    groups.unlink(id, directory.service(c.req.param("service")));
    return c.body(null, 204);
  });

  return app;
}
