import type { Hono } from "hono";
import { z } from "zod";

import { requires } from "./authentication.ts";
import { BODY_LIMITS, readJson } from "./body.ts";
import type { Cloud, EmulatorContext, EmulatorEnv } from "./context.ts";
import { answer, ApiError, CODES } from "./envelope.ts";
import { newObjectId } from "./ids.ts";
import { PERMISSIONS } from "./permission-groups.ts";
import { objectId, segment } from "./raw-path.ts";
import type { WorkerDomain } from "./worker-store.ts";
import { existing } from "./workers.ts";

const DOMAINS = "/accounts/:account/workers/domains";

const domainSchema = z.object({
  hostname: z.string().regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, "is no host name"),
  service: z.string().min(1),
  zone_id: z.string().optional(),
  zone_name: z.string().optional(),
});

/**
 * Host names of Workers, and the account's name below workers.dev. Nothing here resolves a host name: locally a Worker
 * answers below its own. https://developers.cloudflare.com/api/resources/workers/subresources/domains/
 */
export function workerDomainRoutes(app: Hono<EmulatorEnv>, cloud: Cloud): void {
  const mayRead = requires(cloud, PERMISSIONS.scriptsRead);
  const mayWrite = requires(cloud, PERMISSIONS.scriptsWrite);

  app.get(DOMAINS, mayRead, (c) => answer(c, ofAccount(cloud, c).map(domainView)));
  app.put(DOMAINS, mayWrite, async (c) => {
    const wanted = await readJson(c, domainSchema, { maxBytes: BODY_LIMITS.OBJECT_BYTES, code: CODES.WORKER_INVALID });
    const accountId = objectId(c, "account");
    existing(cloud.workers.byName(accountId, wanted.service));
    const before = ofAccount(cloud, c).find(({ hostname }) => hostname === wanted.hostname);
    const id = before?.id ?? newObjectId(cloud.random);
    const domain: WorkerDomain = {
      id,
      accountId,
      hostname: wanted.hostname,
      service: wanted.service,
      zoneId: wanted.zone_id ?? before?.zoneId ?? newObjectId(cloud.random),
      zoneName: wanted.zone_name ?? wanted.hostname.split(".").slice(-2).join("."),
    };
    cloud.workers.domains.set(id, domain);
    return answer(c, domainView(domain));
  });
  app.get(`${DOMAINS}/:domain`, mayRead, (c) => answer(c, domainView(domainOf(cloud, c))));
  app.delete(`${DOMAINS}/:domain`, mayWrite, (c) => {
    cloud.workers.domains.delete(domainOf(cloud, c).id);
    return answer(c, null);
  });

  app.get("/accounts/:account/workers/subdomain", mayRead, (c) => {
    const subdomain = cloud.accounts.find(({ id }) => id === objectId(c, "account"))?.workersSubdomain;
    if (subdomain !== undefined) return answer(c, { subdomain });
    throw new ApiError(404, { code: CODES.WORKER_NOT_FOUND, message: "You do not have a workers.dev subdomain." });
  });
}

function ofAccount(cloud: Cloud, c: EmulatorContext): WorkerDomain[] {
  const accountId = objectId(c, "account");
  return [...cloud.workers.domains.values()].filter((domain) => domain.accountId === accountId);
}

function domainOf(cloud: Cloud, c: EmulatorContext): WorkerDomain {
  const domain = ofAccount(cloud, c).find(({ id }) => id === segment(c, "domain"));
  if (domain !== undefined) return domain;
  throw new ApiError(404, { code: CODES.WORKER_NOT_FOUND, message: "This domain does not exist on your account." });
}

function domainView({ id, hostname, service, zoneId, zoneName }: WorkerDomain): object {
  return { id, hostname, service, environment: "production", zone_id: zoneId, zone_name: zoneName };
}
