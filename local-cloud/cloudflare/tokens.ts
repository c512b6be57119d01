import type { Hono } from "hono";

import { TOKEN_LIMITS } from "../../src/core/limits.ts";
import { assertLocation, presentedToken, requires } from "./authentication.ts";
import { BODY_LIMITS, readJson } from "./body.ts";
import type { Cloud, EmulatorContext, EmulatorEnv } from "./context.ts";
import { answer, ApiError, CODES } from "./envelope.ts";
import { choiceParameter, pageOf } from "./paging.ts";
import { PERMISSION_GROUPS, PERMISSIONS } from "./permission-groups.ts";
import { objectId } from "./raw-path.ts";
import { tokenSettingsSchema } from "./token-settings.ts";
import { statusOf, type StoredToken, type TokenSettings, tokenView } from "./token-store.ts";

const BODY = { maxBytes: BODY_LIMITS.OBJECT_BYTES, code: CODES.TOKEN_INVALID };
const TOKENS = "/accounts/:account/tokens";

/** Account-owned API tokens: https://developers.cloudflare.com/api/resources/accounts/subresources/tokens/ */
export function tokenRoutes(app: Hono<EmulatorEnv>, cloud: Cloud): void {
  const mayRead = requires(cloud, PERMISSIONS.tokensRead);
  const mayWrite = requires(cloud, PERMISSIONS.tokensWrite);

  // Literal paths before `:token`, which would take them for ids.
  app.get("/user/tokens/verify", (c) => answerVerification(cloud, c, null));
  app.get(`${TOKENS}/verify`, (c) => answerVerification(cloud, c, objectId(c, "account")));
  app.get(`${TOKENS}/permission_groups`, mayRead, listPermissionGroups);

  app.get(TOKENS, mayRead, (c) => listTokens(cloud, c));
  app.post(TOKENS, mayWrite, async (c) => {
    const accountId = objectId(c, "account");
    const settings = await readSettings(cloud, c);
    if (cloud.tokens.ofAccount(accountId).length >= TOKEN_LIMITS.MAX_TOKENS_PER_ACCOUNT) {
      throw new ApiError(400, {
        code: CODES.TOKEN_INVALID,
        message: `The account already has ${String(TOKEN_LIMITS.MAX_TOKENS_PER_ACCOUNT)} tokens.`,
      });
    }
    const { token, value } = cloud.tokens.create(accountId, settings);
    return answer(c, { ...tokenView(token, cloud.clock.now()), value });
  });
  app.get(`${TOKENS}/:token`, mayRead, (c) => answer(c, tokenView(storedToken(cloud, c), cloud.clock.now())));
  app.put(`${TOKENS}/:token`, mayWrite, async (c) => {
    const settings = await readSettings(cloud, c);
    const token = storedToken(cloud, c);
    cloud.tokens.update(token, settings);
    return answer(c, tokenView(token, cloud.clock.now()));
  });
  app.put(`${TOKENS}/:token/value`, mayWrite, (c) => answer(c, cloud.tokens.roll(storedToken(cloud, c))));
  app.delete(`${TOKENS}/:token`, mayWrite, (c) => {
    const token = storedToken(cloud, c);
    cloud.tokens.delete(token);
    return answer(c, { id: token.id });
  });
}

function readSettings(cloud: Cloud, c: EmulatorContext): Promise<TokenSettings> {
  return readJson(c, tokenSettingsSchema(objectId(c, "account"), cloud.clock.now()), BODY);
}

function storedToken(cloud: Cloud, c: EmulatorContext): StoredToken {
  const token = cloud.tokens.get(objectId(c, "account"), objectId(c, "token"));
  if (token === undefined) throw new ApiError(404, { code: CODES.TOKEN_NOT_FOUND, message: "API token not found" });
  return token;
}

function listTokens(cloud: Cloud, c: EmulatorContext): Response {
  const now = cloud.clock.now();
  const direction = choiceParameter(c, "direction", ["asc", "desc"], CODES.TOKEN_INVALID);
  const withExpired = choiceParameter(c, "include_expired", ["false", "true"], CODES.TOKEN_INVALID) === "true";
  const name = c.req.query("name");
  const tokens = cloud.tokens
    .ofAccount(objectId(c, "account"))
    .filter((token) => withExpired || statusOf(token, now) !== "expired")
    .filter((token) => name === undefined || token.settings.name === name);
  if (direction === "desc") tokens.reverse();
  const { items, resultInfo } = pageOf(c, tokens, { minPerPage: 5, maxPerPage: 50, code: CODES.TOKEN_INVALID });
  return answer(
    c,
    items.map((token) => tokenView(token, now)),
    { result_info: resultInfo },
  );
}

function listPermissionGroups(c: EmulatorContext): Response {
  const name = c.req.query("name");
  const scope = c.req.query("scope");
  const matching = PERMISSION_GROUPS.filter(
    (group) => (name === undefined || group.name === name) && (scope === undefined || group.scopes.includes(scope)),
  );
  return answer(c, matching);
}

/** A token is verified where it belongs: a user's at `/user`, an account's at its own account. */
function answerVerification(cloud: Cloud, c: EmulatorContext, accountId: string | null): Response {
  const token = presentedToken(cloud, c);
  if (token === undefined || token.accountId !== accountId) {
    throw new ApiError(401, { code: CODES.INVALID_API_TOKEN, message: "Invalid API Token" });
  }
  assertLocation(cloud, c, token);
  const now = cloud.clock.now();
  token.lastUsedAt = now;
  const status = statusOf(token, now);
  const { not_before: notBefore, expires_on: expiresOn } = token.settings;
  return answer(
    c,
    { id: token.id, status, not_before: notBefore, expires_on: expiresOn },
    {
      messages: status === "active" ? [{ code: 10000, message: "This API Token is valid and active", type: null }] : [],
    },
  );
}
