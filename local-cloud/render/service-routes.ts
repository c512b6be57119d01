import { Hono } from "hono";
import { z } from "zod";

import type { RandomBytes } from "../../src/core/random.ts";
import type { RenderBindings } from "./emulator-bindings.ts";
import { notFound } from "./problem.ts";
import { cursorOf, matchesList, matchesTime, page } from "./query.ts";
import { parseBody } from "./request-body.ts";
import type { ServiceDirectory } from "./service-directory.ts";
import { emailOf, ownerView, regionOf, runtimeOf, type Service, serviceView } from "./service.ts";
import {
  resolveVariable,
  resolveVariables,
  type Variable,
  variableSchema,
  variableValueSchema,
  withoutVariable,
  withVariable,
} from "./variables.ts";

function matches(service: Service, query: URLSearchParams): boolean {
  return (
    matchesList(query, "name", service.name) &&
    matchesList(query, "type", service.type) &&
    matchesList(query, "ownerId", service.ownerId) &&
    matchesList(query, "environmentId", service.environmentId) &&
    matchesList(query, "env", runtimeOf(service.type)) &&
    matchesList(query, "region", regionOf(service.type)) &&
    matchesList(query, "suspended", "not_suspended") &&
    // https://api-docs.render.com/reference/list-services: previews are listed unless they are declined.
    (service.parent === undefined || query.get("includePreviews") !== "false") &&
    matchesTime(query, "created", service.createdAt) &&
    matchesTime(query, "updated", service.createdAt)
  );
}

function variableOf(service: Service, key: string): Variable {
  const variable = service.variables.find((candidate) => candidate.key === key);
  if (variable === undefined) throw notFound(`environment variable ${key}`);
  return variable;
}

function variableItem(envVar: Variable): { envVar: Variable; cursor: string } {
  return { envVar, cursor: cursorOf(envVar.key) };
}

export interface ServiceRoutesOptions {
  readonly directory: ServiceDirectory;
  readonly random: RandomBytes;
  readonly urlOf: (serviceId: string) => string | undefined;
}

/** `/services` without deploys: https://api-docs.render.com/reference/list-services and what follows there. */
export function serviceRoutes({ directory, random, urlOf }: ServiceRoutesOptions): Hono<RenderBindings> {
  const app = new Hono<RenderBindings>();
  const view = (service: Service): Record<string, unknown> => serviceView(service, urlOf(service.id));

  app.get("/", (c) => {
    const query = new URL(c.req.url).searchParams;
    const matching = directory.services.filter((service) => matches(service, query));
    const shown = page(matching, query, ({ id }) => cursorOf(id));
    return c.json(shown.map((service) => ({ service: view(service), cursor: cursorOf(service.id) })));
  });

  app.get("/:service", (c) => c.json(view(directory.service(c.req.param("service")))));

  app.get("/:service/env-vars", (c) => {
    const { variables } = directory.service(c.req.param("service"));
    return c.json(page(variables, new URL(c.req.url).searchParams, ({ key }) => cursorOf(key)).map(variableItem));
  });

  app.put("/:service/env-vars", (c) => {
    const service = directory.service(c.req.param("service"));
    service.variables = resolveVariables(parseBody(z.array(variableSchema), c.env.body), random);
    return c.json(service.variables.map(variableItem));
  });

  app.get("/:service/env-vars/:key", (c) => {
    return c.json(variableOf(directory.service(c.req.param("service")), c.req.param("key")));
  });

  app.put("/:service/env-vars/:key", (c) => {
    const service = directory.service(c.req.param("service"));
    const variable = resolveVariable(c.req.param("key"), parseBody(variableValueSchema, c.env.body), random);
    service.variables = withVariable(service.variables, variable);
    return c.json(variable);
  });

  app.delete("/:service/env-vars/:key", (c) => {
    const service = directory.service(c.req.param("service"));
    const { key } = variableOf(service, c.req.param("key"));
    service.variables = withoutVariable(service.variables, key);
    return c.body(null, 204);
  });

  return app;
}

/** `/owners`: https://api-docs.render.com/reference/list-owners. */
export function ownerRoutes(directory: ServiceDirectory): Hono<RenderBindings> {
  const app = new Hono<RenderBindings>();

  app.get("/", (c) => {
    const query = new URL(c.req.url).searchParams;
    const matching = directory.owners.filter(
      (owner) => matchesList(query, "name", owner.name) && matchesList(query, "email", emailOf(owner)),
    );
    const shown = page(matching, query, ({ id }) => cursorOf(id));
    return c.json(shown.map((owner) => ({ owner: ownerView(owner), cursor: cursorOf(owner.id) })));
  });

  app.get("/:owner", (c) => c.json(ownerView(directory.owner(c.req.param("owner")))));

  return app;
}
