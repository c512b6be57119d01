import { Hono } from "hono";
import { z } from "zod";

import { type Deploy, deployView } from "./deploy.ts";
import type { RenderBindings } from "./emulator-bindings.ts";
import { badRequest } from "./problem.ts";
import { cursorOf, matchesList, matchesTime, page } from "./query.ts";
import { parseBody } from "./request-body.ts";
import type { ServiceDeploys } from "./service-deploys.ts";

const deploySchema = z.object({
  clearCache: z.enum(["clear", "do_not_clear"]).optional(),
  commitId: z.string().optional(),
  imageUrl: z.string().optional(),
  deployMode: z.enum(["deploy_only", "build_and_deploy"]).optional(),
});
const rollbackSchema = z.object({ deployId: z.string() });

function matches(deploy: Deploy, query: URLSearchParams): boolean {
  return (
    matchesList(query, "status", deploy.status) &&
    matchesTime(query, "created", deploy.createdAt) &&
    matchesTime(query, "updated", deploy.updatedAt) &&
    matchesTime(query, "finished", deploy.finishedAt)
  );
}

function parseDeploy(body: unknown): z.infer<typeof deploySchema> {
  const input = parseBody(deploySchema, body);
  const builds = input.commitId !== undefined || input.imageUrl !== undefined || input.clearCache !== undefined;
  if (input.deployMode === "deploy_only" && builds) {
    throw badRequest("deploy_only cannot be combined with commitId, imageUrl or clearCache");
  }
  return input;
}

export interface DeployRoutesOptions {
  /** Refuses an unknown service. */
  readonly deploysOf: (serviceId: string) => ServiceDeploys;
  /** 201 with the deploy, or 202 without a body. */
  readonly answer: 201 | 202;
}

/** Deploys, restart and rollback of `/services`: https://api-docs.render.com/reference/create-deploy. */
export function deployRoutes({ deploysOf, answer }: DeployRoutesOptions): Hono<RenderBindings> {
  const app = new Hono<RenderBindings>();

  app.get("/:service/deploys", (c) => {
    const query = new URL(c.req.url).searchParams;
    const matching = deploysOf(c.req.param("service"))
      .list()
      .filter((deploy) => matches(deploy, query));
    const shown = page(matching, query, ({ id }) => cursorOf(id));
    return c.json(shown.map((deploy) => ({ deploy: deployView(deploy), cursor: cursorOf(deploy.id) })));
  });

  app.post("/:service/deploys", (c) => {
    const deploys = deploysOf(c.req.param("service"));
    const { deployMode, imageUrl, ...asked } = parseDeploy(c.env.body);
    // What is built already is of the commit that it was built from.
    const commitId = deployMode === "deploy_only" ? deploys.liveCommit : asked.commitId;
    const deploy = deploys.trigger({ trigger: "api", commitId, imageUrl });
    // A deploy that waits for another one is answered without a body in any case.
    if (answer === 202 || deploy.status === "queued") return c.body(null, 202);
    return c.json(deployView(deploy), 201);
  });

  app.get("/:service/deploys/:deploy", (c) => {
    return c.json(deployView(deploysOf(c.req.param("service")).get(c.req.param("deploy"))));
  });

  app.post("/:service/deploys/:deploy/cancel", (c) => {
    return c.json(deployView(deploysOf(c.req.param("service")).cancel(c.req.param("deploy"))));
  });

  app.post("/:service/rollback", (c) => {
    const deploys = deploysOf(c.req.param("service"));
    return c.json(deployView(deploys.rollback(parseBody(rollbackSchema, c.env.body).deployId)), 201);
  });

  app.post("/:service/restart", (c) => {
    deploysOf(c.req.param("service")).restart();
    return c.body(null, 200);
  });

  return app;
}
