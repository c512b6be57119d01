import type { Hono, MiddlewareHandler } from "hono";

import type { RandomBytes } from "../../src/core/random.ts";
import type { AuditEvent } from "./audit-log.ts";
import { knownToken, requires } from "./authentication.ts";
import type { Cloud, EmulatorContext, EmulatorEnv } from "./context.ts";
import { answer, ApiError, CODES } from "./envelope.ts";
import { newObjectId } from "./ids.ts";
import { integerParameter } from "./paging.ts";
import { PERMISSIONS } from "./permission-groups.ts";
import { objectId, rawPath } from "./raw-path.ts";

const ACTIONS: Readonly<Record<string, AuditEvent["action"]>> = {
  POST: "create",
  PUT: "update",
  PATCH: "update",
  DELETE: "delete",
};
const IN_ACCOUNT =
  /^\/accounts\/([0-9a-f]{32})\/(tokens|workers\/workers|workers\/scripts|storage\/kv\/namespaces)(?:\/([^/?]+))?/;
/** Whether writes of values appear is not documented; an application makes too many of them to keep. */
const VALUES = /\/storage\/kv\/namespaces\/[^/]+\/(?:values|bulk)/;
/** Notes every change that succeeded: neither reads nor refusals are logged by the vendor. */
export function audited(cloud: Cloud, random: RandomBytes): MiddlewareHandler<EmulatorEnv> {
  return async (c, next) => {
    const path = rawPath(c.req.raw).replace(/^\/client\/v4/, "");
    const match = IN_ACCOUNT.exec(path);
    const action = ACTIONS[c.req.method];
    const [, accountId = "", type = "", id] = match ?? [];
    const isLogged = match !== null && action !== undefined && !VALUES.test(path);
    // Before the call: a token that deletes itself is nobody afterwards.
    const token = isLogged ? knownToken(cloud, c) : undefined;
    await next();
    if (!isLogged || c.res.status >= 400) return;
    cloud.auditLog.add({
      id: newObjectId(random),
      accountId,
      at: cloud.clock.now(),
      action,
      method: c.req.method,
      uri: `/client/v4${path.split("?")[0] ?? ""}`,
      status: c.res.status,
      tokenId: token?.id,
      tokenName: token?.settings.name,
      resource: { type, ...(await namedResult(c, id)) },
    });
  };
}

/** Id and name of what was made or changed, from the answer: nothing else of it is kept. */
async function namedResult(c: EmulatorContext, id: string | undefined) {
  const body: unknown = await c.res
    .clone()
    .json()
    .catch(() => undefined);
  const result: unknown = typeof body === "object" && body !== null && "result" in body ? body.result : undefined;
  const read = (key: string): string | undefined => {
    const value: unknown = typeof result === "object" && result !== null ? Reflect.get(result, key) : undefined;
    return typeof value === "string" ? value : undefined;
  };
  return { id: id ?? read("id"), name: read("name") ?? read("title") };
}

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 100;

/** Version 2 of the account's audit log: https://developers.cloudflare.com/api/resources/accounts/subresources/logs/subresources/audit/ */
export function auditRoutes(app: Hono<EmulatorEnv>, cloud: Cloud): void {
  app.get("/accounts/:account/logs/audit", requires(cloud, PERMISSIONS.accountRead), (c) => {
    const accountId = objectId(c, "account");
    const [since, before] = [timeParameter(c, "since"), timeParameter(c, "before")];
    const limit = integerParameter(c, "limit", {
      default: DEFAULT_LIMIT,
      min: 1,
      max: MAX_LIMIT,
      code: CODES.TOKEN_INVALID,
    });
    const start = Number(c.req.query("cursor") ?? 0);
    const inTime = cloud.auditLog.of(accountId).filter(({ at }) => at >= since && at < before);
    // The vendor's default: newest first.
    const ordered = c.req.query("direction") === "asc" ? inTime : inTime.toReversed();
    const page = ordered.slice(start, start + limit);
    const hasMore = start + limit < ordered.length;
    const info = { count: page.length, ...(hasMore ? { cursors: { after: String(start + limit) } } : {}) };
    const account = cloud.accounts.find(({ id }) => id === accountId);
    return answer(
      c,
      page.map((event) => view(event, account?.name ?? "")),
      { result_info: info },
    );
  });
}

function timeParameter(c: EmulatorContext, name: string): number {
  const time = Date.parse(c.req.query(name) ?? "");
  if (!Number.isNaN(time)) return time;
  throw new ApiError(400, {
    code: CODES.TOKEN_INVALID,
    message: `${name} is required and has to be a date or a time.`,
  });
}

function view(event: AuditEvent, accountName: string): Record<string, unknown> {
  return {
    id: event.id,
    account: { id: event.accountId, name: accountName },
    action: { type: event.action, result: "success", time: new Date(event.at).toISOString(), description: "" },
    actor: { type: "account", context: "api_token", token_id: event.tokenId, token_name: event.tokenName },
    raw: { method: event.method, status_code: event.status, uri: event.uri },
    resource: { id: event.resource.id, type: event.resource.type, response: { name: event.resource.name } },
  };
}
