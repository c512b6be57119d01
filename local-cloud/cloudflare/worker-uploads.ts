import type { Hono } from "hono";

import { requires } from "./authentication.ts";
import { BODY_LIMITS, readJson } from "./body.ts";
import type { Cloud, EmulatorContext, EmulatorEnv } from "./context.ts";
import { answer, ApiError, CODES } from "./envelope.ts";
import { choiceParameter, pageOf } from "./paging.ts";
import { PERMISSIONS } from "./permission-groups.ts";
import { objectId, segment } from "./raw-path.ts";
import { ScriptRefused } from "./worker-host.ts";
import { deploymentSchema, sqliteClassesOf, type VersionInput, versionSchema } from "./worker-schemas.ts";
import type { StoredWorker } from "./worker-store.ts";
import { deploymentView, versionView } from "./worker-views.ts";
import { existing, WORKER_PAGES, workerOf, WORKERS } from "./workers.ts";

const VERSIONS = `${WORKERS}/:worker/versions`;
const DEPLOYMENTS = "/accounts/:account/workers/scripts/:script/deployments";

/** Versions and deployments of Workers: https://developers.cloudflare.com/workers/configuration/versions-and-deployments/ */
export function workerUploadRoutes(app: Hono<EmulatorEnv>, cloud: Cloud): void {
  const mayRead = requires(cloud, PERMISSIONS.scriptsRead);
  const mayWrite = requires(cloud, PERMISSIONS.scriptsWrite);

  app.get(VERSIONS, mayRead, (c) => {
    const { items, resultInfo } = pageOf(c, workerOf(cloud, c).versions.toReversed(), WORKER_PAGES);
    return answer(
      c,
      items.map((version) => versionView(version, { withModules: false })),
      { result_info: resultInfo },
    );
  });
  app.post(VERSIONS, mayWrite, (c) => upload(cloud, c));
  app.get(`${VERSIONS}/:version`, mayRead, (c) => {
    const version = workerOf(cloud, c).versions.find(({ id }) => id === segment(c, "version"));
    if (version === undefined) throw notFound("version");
    return answer(c, versionView(version, { withModules: c.req.query("include") === "modules" }));
  });

  app.get(DEPLOYMENTS, mayRead, (c) =>
    answer(c, { deployments: scriptOf(cloud, c).deployments.toReversed().map(deploymentView) }),
  );
  app.post(DEPLOYMENTS, mayWrite, (c) => deploy(cloud, c));
  app.get(`${DEPLOYMENTS}/:deployment`, mayRead, (c) => {
    const deployment = scriptOf(cloud, c).deployments.find(({ id }) => id === segment(c, "deployment"));
    if (deployment === undefined) throw notFound("deployment");
    return answer(c, deploymentView(deployment));
  });
}

async function upload(cloud: Cloud, c: EmulatorContext): Promise<Response> {
  const deployed = choiceParameter(c, "deploy", ["false", "true"], CODES.WORKER_INVALID) === "true";
  const maxBytes = BODY_LIMITS.WORKER_VERSION_BYTES;
  const input = await readJson(c, versionSchema, { maxBytes, code: CODES.WORKER_INVALID });
  const worker = workerOf(cloud, c);
  assertNamespacesExist(cloud, worker.accountId, input.bindings);
  if (deployed) await serve(cloud, worker, input);
  const version = cloud.workers.addVersion(worker, input);
  if (deployed) {
    const versions = [{ version_id: version.id, percentage: 100 }];
    cloud.workers.deploy(worker, { strategy: "percentage", versions, annotations: {} });
  }
  return answer(c, versionView(version, { withModules: true }));
}

async function deploy(cloud: Cloud, c: EmulatorContext): Promise<Response> {
  const maxBytes = BODY_LIMITS.OBJECT_BYTES;
  const input = await readJson(c, deploymentSchema, { maxBytes, code: CODES.WORKER_INVALID });
  const worker = scriptOf(cloud, c);
  for (const { version_id: wanted } of input.versions) {
    if (worker.versions.some(({ id }) => id === wanted)) continue;
    throw new ApiError(400, { code: CODES.WORKER_INVALID, message: `Version ${wanted} does not exist.` });
  }
  // One runtime for each Worker: of two versions the one with the larger share serves.
  const [largest] = input.versions.toSorted((a, b) => b.percentage - a.percentage);
  const version = worker.versions.find(({ id }) => id === largest?.version_id);
  if (version !== undefined) await serve(cloud, worker, version.input);
  return answer(c, deploymentView(cloud.workers.deploy(worker, input)));
}

/** A script that does not start is refused, and nothing changes. */
async function serve({ workerHost, kv }: Cloud, worker: StoredWorker, input: VersionInput): Promise<void> {
  const { id: workerId, accountId } = worker;
  const sqliteClasses = new Set([...worker.versions.map((version) => version.input), input].flatMap(sqliteClassesOf));
  const keysOf = (namespaceId: string) => kv.get(accountId, namespaceId)?.keys;
  try {
    await workerHost?.serve({ workerId, input, sqliteClasses, keysOf });
  } catch (error) {
    if (!(error instanceof ScriptRefused)) throw error;
    throw new ApiError(400, { code: CODES.WORKER_INVALID, message: error.message });
  }
}

/** The script endpoints know a Worker by its name only. */
function scriptOf(cloud: Cloud, c: EmulatorContext): StoredWorker {
  return existing(cloud.workers.byName(objectId(c, "account"), segment(c, "script")));
}

function assertNamespacesExist(cloud: Cloud, accountId: string, bindings: VersionInput["bindings"]): void {
  for (const binding of bindings) {
    if (binding.type !== "kv_namespace") continue;
    const { namespace_id: id } = binding;
    if (typeof id === "string" && cloud.kv.get(accountId, id) !== undefined) continue;
    throw new ApiError(400, {
      code: CODES.WORKER_KV_NAMESPACE_NOT_FOUND,
      message: `KV namespace '${typeof id === "string" ? id : ""}' not found.`,
    });
  }
}

function notFound(what: "version" | "deployment"): ApiError {
  return new ApiError(404, { code: CODES.WORKER_NOT_FOUND, message: `This ${what} does not exist on the Worker.` });
}
