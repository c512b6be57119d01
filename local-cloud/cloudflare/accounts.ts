import type { Hono } from "hono";

import { aliveToken, requires } from "./authentication.ts";
import { type Account, type Cloud, type EmulatorContext, type EmulatorEnv, iso } from "./context.ts";
import { answer, ApiError, CODES, couldNotRoute } from "./envelope.ts";
import { choiceParameter, pageOf } from "./paging.ts";
import { PERMISSIONS } from "./permission-groups.ts";
import { objectId, rawPath } from "./raw-path.ts";
import { isGranted } from "./token-store.ts";

const PAGES = { minPerPage: 5, maxPerPage: 50, code: CODES.TOKEN_INVALID };

/** Accounts, to look at: https://developers.cloudflare.com/api/resources/accounts/ */
export function accountRoutes(app: Hono<EmulatorEnv>, cloud: Cloud): void {
  app.get("/accounts", (c) => listAccounts(cloud, c));
  app.get("/accounts/:account", requires(cloud, PERMISSIONS.accountRead), (c) => {
    const account = cloud.accounts.find(({ id }) => id === objectId(c, "account"));
    if (account === undefined) throw couldNotRoute(rawPath(c.req.raw));
    return answer(c, accountView(account, cloud));
  });
}

function listAccounts(cloud: Cloud, c: EmulatorContext): Response {
  const token = aliveToken(cloud, c);
  if (token.accountId !== null) {
    throw new ApiError(400, {
      code: CODES.ACCOUNT_OWNED_TOKEN,
      message: "List accounts endpoint does not support account owned tokens.",
    });
  }
  const name = c.req.query("name");
  // An account that the token may not read is left out: a token that may read none sees an empty list.
  const accounts = cloud.accounts
    .filter(({ id }) => isGranted(token, id, PERMISSIONS.accountRead.anyOf))
    .filter((account) => name === undefined || account.name === name);
  if (choiceParameter(c, "direction", ["asc", "desc"], PAGES.code) === "desc") accounts.reverse();
  const { items, resultInfo } = pageOf(c, accounts, PAGES);
  return answer(
    c,
    items.map((account) => accountView(account, cloud)),
    { result_info: resultInfo },
  );
}

function accountView({ id, name }: Account, { startedAt }: Cloud): Record<string, unknown> {
  return {
    id,
    name,
    type: "standard",
    settings: { enforce_twofactor: false, abuse_contact_email: null },
    created_on: iso(startedAt),
  };
}
