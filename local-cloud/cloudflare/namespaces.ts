import type { Hono } from "hono";
import { z } from "zod";

import { KV_LIMITS } from "../../src/core/limits.ts";
import { compareAsUtf8 } from "../../src/core/utf8-order.ts";
import { requires } from "./authentication.ts";
import { BODY_LIMITS, readJson } from "./body.ts";
import type { Cloud, EmulatorContext, EmulatorEnv } from "./context.ts";
import { answer, ApiError, CODES } from "./envelope.ts";
import { JURISDICTIONS, type KvNamespace } from "./kv-store.ts";
import { choiceParameter, pageOf } from "./paging.ts";
import { PERMISSIONS } from "./permission-groups.ts";
import { objectId } from "./raw-path.ts";

const NAMESPACES = "/accounts/:account/storage/kv/namespaces";
export const NAMESPACE = `${NAMESPACES}/:namespace`;

const BODY = { maxBytes: BODY_LIMITS.OBJECT_BYTES, code: CODES.KV_INVALID };
const title = z.string().min(1).max(KV_LIMITS.MAX_TITLE_CHARACTERS);
const renaming = z.object({ title });
const creation = z.object({ title, jurisdiction: z.enum(JURISDICTIONS).optional() });

/** KV namespaces: https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/ */
export function namespaceRoutes(app: Hono<EmulatorEnv>, cloud: Cloud): void {
  const mayRead = requires(cloud, PERMISSIONS.kvRead);
  const mayWrite = requires(cloud, PERMISSIONS.kvWrite);

  app.get(NAMESPACES, mayRead, (c) => listNamespaces(cloud, c));
  app.post(NAMESPACES, mayWrite, async (c) => {
    const body = await readJson(c, creation, BODY);
    const accountId = objectId(c, "account");
    assertTitleIsFree(cloud, accountId, body.title);
    if (cloud.kv.ofAccount(accountId).length >= KV_LIMITS.MAX_NAMESPACES_PER_ACCOUNT) {
      throw new ApiError(400, {
        code: CODES.KV_INVALID,
        message: `an account has at most ${String(KV_LIMITS.MAX_NAMESPACES_PER_ACCOUNT)} namespaces`,
      });
    }
    return answer(c, namespaceView(cloud.kv.create(accountId, body.title, body.jurisdiction)));
  });
  app.get(NAMESPACE, mayRead, (c) => answer(c, namespaceView(namespaceOf(cloud, c, "get namespace"))));
  app.put(NAMESPACE, mayWrite, async (c) => {
    const body = await readJson(c, renaming, BODY);
    const namespace = namespaceOf(cloud, c, "rename namespace");
    if (body.title !== namespace.title) assertTitleIsFree(cloud, namespace.accountId, body.title);
    namespace.title = body.title;
    return answer(c, namespaceView(namespace));
  });
  app.delete(NAMESPACE, mayWrite, (c) => {
    cloud.kv.delete(namespaceOf(cloud, c, "remove namespace"));
    return answer(c, null);
  });
}

/** The namespace of the path, or 404 in the words of Cloudflare. */
export function namespaceOf(cloud: Cloud, c: EmulatorContext, operation: string): KvNamespace {
  const namespace = cloud.kv.get(objectId(c, "account"), objectId(c, "namespace"));
  if (namespace !== undefined) return namespace;
  throw new ApiError(404, { code: CODES.NAMESPACE_NOT_FOUND, message: `${operation}: 'namespace not found'` });
}

function listNamespaces(cloud: Cloud, c: EmulatorContext): Response {
  const order = choiceParameter(c, "order", ["id", "title"], CODES.KV_INVALID);
  const direction = choiceParameter(c, "direction", ["asc", "desc"], CODES.KV_INVALID);
  const namespaces = cloud.kv
    .ofAccount(objectId(c, "account"))
    .toSorted((a, b) => compareAsUtf8(a[order], b[order]) * (direction === "asc" ? 1 : -1));
  const { items, resultInfo } = pageOf(c, namespaces, { minPerPage: 1, maxPerPage: 1000, code: CODES.KV_INVALID });
  return answer(c, items.map(namespaceView), { result_info: resultInfo });
}

function assertTitleIsFree(cloud: Cloud, accountId: string, wanted: string): void {
  if (cloud.kv.ofAccount(accountId).every((namespace) => namespace.title !== wanted)) return;
  throw new ApiError(400, {
    code: CODES.NAMESPACE_TITLE_EXISTS,
    message: "a namespace with this account ID and title already exists",
  });
}

function namespaceView({ id, title: name, jurisdiction }: KvNamespace): object {
  return { id, title: name, supports_url_encoding: true, jurisdiction };
}
