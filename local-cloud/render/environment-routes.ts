import { Hono } from "hono";
import { z } from "zod";

import type { RenderBindings } from "./emulator-bindings.ts";
import type { EnvGroups } from "./env-groups.ts";
import type { Environment, Environments, Project } from "./environments.ts";
import { badRequest } from "./problem.ts";
import { cursorOf, listParameter, matchesList, matchesTime, page } from "./query.ts";
import { parseBody } from "./request-body.ts";
import type { ServiceDirectory } from "./service-directory.ts";
import { ownerView } from "./service.ts";

const resourcesSchema = z.object({ resourceIds: z.array(z.string()) });

export interface EnvironmentRoutesOptions {
  readonly environments: Environments;
  readonly directory: ServiceDirectory;
  readonly groups: EnvGroups;
}

function matches(item: Project | Environment, query: URLSearchParams): boolean {
  return (
    matchesList(query, "name", item.name) &&
    matchesList(query, "ownerId", item.ownerId) &&
    matchesTime(query, "created", item.createdAt) &&
    matchesTime(query, "updated", item.createdAt)
  );
}

/** `/environments`, as far as resources move between them: https://api-docs.render.com/reference/list-environments */
export function environmentRoutes(options: EnvironmentRoutesOptions): Hono<RenderBindings> {
  const { environments, directory, groups } = options;
  const app = new Hono<RenderBindings>();
  const view = ({ id, name, projectId }: Environment): Record<string, unknown> => {
    const idsIn = (resources: readonly { id: string; environmentId: string | undefined }[]): string[] =>
      resources.filter(({ environmentId }) => environmentId === id).map((resource) => resource.id);
    return {
      id,
      name,
      projectId,
      databasesIds: [],
      redisIds: [],
      serviceIds: idsIn(directory.services),
      envGroupIds: idsIn(groups.list()),
      protectedStatus: "unprotected",
      networkIsolationEnabled: false,
    };
  };

  app.get("/", (c) => {
    const query = new URL(c.req.url).searchParams;
    if (listParameter(query, "projectId") === undefined) throw badRequest("projectId is required");
    const matching = environments.environments.filter(
      (environment) =>
        matches(environment, query) &&
        matchesList(query, "projectId", environment.projectId) &&
        matchesList(query, "environmentId", environment.id),
    );
    const shown = page(matching, query, ({ id }) => cursorOf(id));
    return c.json(shown.map((environment) => ({ environment: view(environment), cursor: cursorOf(environment.id) })));
  });

  app.get("/:environment", (c) => c.json(view(environments.environment(c.req.param("environment")))));

  // The document says 200 where the official provider recorded 201 in 2024; clients take any success.
  app.post("/:environment/resources", (c) => {
    const { id } = environments.environment(c.req.param("environment"));
    return c.json(view(environments.add(id, parseBody(resourcesSchema, c.env.body).resourceIds)));
  });

  app.delete("/:environment/resources", (c) => {
    const { id } = environments.environment(c.req.param("environment"));
    const resourceIds = listParameter(new URL(c.req.url).searchParams, "resourceIds");
    if (resourceIds === undefined) throw badRequest("resourceIds is required");
    environments.remove(id, resourceIds);
    return c.body(null, 204);
  });

  return app;
}

/** `/projects`: https://api-docs.render.com/reference/list-projects */
export function projectRoutes(environments: Environments, directory: ServiceDirectory): Hono<RenderBindings> {
  const app = new Hono<RenderBindings>();
  const view = ({ id, name, ownerId, createdAt }: Project): Record<string, unknown> => ({
    id,
    name,
    owner: ownerView(directory.owner(ownerId)),
    environmentIds: environments.environments
      .filter(({ projectId }) => projectId === id)
      .map((environment) => environment.id),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(createdAt).toISOString(),
  });

  app.get("/", (c) => {
    const query = new URL(c.req.url).searchParams;
    const matching = environments.projects.filter((project) => matches(project, query));
    const shown = page(matching, query, ({ id }) => cursorOf(id));
    return c.json(shown.map((project) => ({ project: view(project), cursor: cursorOf(project.id) })));
  });

  app.get("/:project", (c) => c.json(view(environments.project(c.req.param("project")))));

  return app;
}
