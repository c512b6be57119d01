import type { Hono } from "hono";

import { requires } from "./authentication.ts";
import { BODY_LIMITS, readJson } from "./body.ts";
import type { Cloud, EmulatorContext, EmulatorEnv } from "./context.ts";
import { answer, ApiError, CODES } from "./envelope.ts";
import { pageOf } from "./paging.ts";
import { PERMISSIONS } from "./permission-groups.ts";
import { objectId, segment } from "./raw-path.ts";
import { workerSchema } from "./worker-schemas.ts";
import type { StoredWorker } from "./worker-store.ts";
import { workerView } from "./worker-views.ts";

export const WORKERS = "/accounts/:account/workers/workers";
export const WORKER_PAGES = { minPerPage: 1, maxPerPage: 100, code: CODES.WORKER_INVALID };

const BODY = { maxBytes: BODY_LIMITS.OBJECT_BYTES, code: CODES.WORKER_INVALID };

/** Workers without their code: https://developers.cloudflare.com/api/resources/workers/subresources/beta/ */
export function workerRoutes(app: Hono<EmulatorEnv>, cloud: Cloud): void {
  const mayRead = requires(cloud, PERMISSIONS.scriptsRead);
  const mayWrite = requires(cloud, PERMISSIONS.scriptsWrite);

  app.get(WORKERS, mayRead, (c) => {
    const { items, resultInfo } = pageOf(c, cloud.workers.ofAccount(objectId(c, "account")), WORKER_PAGES);
    return answer(c, items.map(workerView), { result_info: resultInfo });
  });
  app.post(WORKERS, mayWrite, async (c) => {
    const settings = await readJson(c, workerSchema, BODY);
    const accountId = objectId(c, "account");
    assertNameIsFree(cloud, accountId, settings.name);
    return answer(c, workerView(cloud.workers.create(accountId, settings)));
  });
  app.get(`${WORKERS}/:worker`, mayRead, (c) => answer(c, workerView(workerOf(cloud, c))));
  app.put(`${WORKERS}/:worker`, mayWrite, async (c) => {
    const settings = await readJson(c, workerSchema, BODY);
    const worker = workerOf(cloud, c);
    if (settings.name !== worker.settings.name) assertNameIsFree(cloud, worker.accountId, settings.name);
    cloud.workers.update(worker, settings);
    return answer(c, workerView(worker));
  });
  app.delete(`${WORKERS}/:worker`, mayWrite, async (c) => {
    const worker = workerOf(cloud, c);
    cloud.workers.delete(worker);
    await cloud.workerHost?.remove(worker.id);
    return answer(c, null);
  });
}

/** The Worker of the path, by id or name. */
export function workerOf(cloud: Cloud, c: EmulatorContext): StoredWorker {
  return existing(cloud.workers.get(objectId(c, "account"), segment(c, "worker")));
}

/** `worker`, or 404 in the words of Cloudflare. */
export function existing(worker: StoredWorker | undefined): StoredWorker {
  if (worker !== undefined) return worker;
  throw new ApiError(404, { code: CODES.WORKER_NOT_FOUND, message: "This Worker does not exist on your account." });
}

function assertNameIsFree(cloud: Cloud, accountId: string, name: string): void {
  if (cloud.workers.byName(accountId, name) === undefined) return;
  throw new ApiError(409, { code: CODES.WORKER_INVALID, message: `A Worker named ${name} already exists.` });
}
