import { Hono } from "hono";

import type { Blueprints, BlueprintSeed } from "./blueprints.ts";
import type { RenderBindings } from "./emulator-bindings.ts";
import { cursorOf, matchesList, page } from "./query.ts";

function view({ id, name, autoSync = true }: BlueprintSeed): Record<string, unknown> {
  return {
    id,
    name,
    status: autoSync ? "in_sync" : "paused",
    autoSync,
    repo: "https://git.example/app",
    branch: "main",
    path: "render.yaml",
  };
}

/** `/blueprints`, to see what a Blueprint owns: https://api-docs.render.com/reference/list-blueprints */
export function blueprintRoutes(blueprints: Blueprints): Hono<RenderBindings> {
  const app = new Hono<RenderBindings>();

  app.get("/", (c) => {
    const query = new URL(c.req.url).searchParams;
    const matching = blueprints.list().filter(({ ownerId }) => matchesList(query, "ownerId", ownerId));
    const shown = page(matching, query, ({ id }) => cursorOf(id));
    return c.json(shown.map((blueprint) => ({ blueprint: view(blueprint), cursor: cursorOf(blueprint.id) })));
  });

  app.get("/:blueprint", (c) => {
    const blueprint = blueprints.get(c.req.param("blueprint"));
    return c.json({ ...view(blueprint), resources: blueprints.resourcesOf(blueprint) });
  });

  return app;
}
