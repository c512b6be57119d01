import { isIP } from "node:net";

import type { MiddlewareHandler } from "hono";

import type { Cloud, EmulatorContext, EmulatorEnv } from "./context.ts";
import { ApiError, CODES, couldNotRoute } from "./envelope.ts";
import { allowsAddress } from "./ip-condition.ts";
import type { Permission } from "./permission-groups.ts";
import { objectId, rawPath } from "./raw-path.ts";
import { isGranted, statusOf, type StoredToken } from "./token-store.ts";

/** Emulator only: the address that one request is taken to come from. */
export const SOURCE_ADDRESS_HEADER = "x-kvshift-source-address";

const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/;

/** The token of a request, usable or not; `undefined` where its value is not known. */
export function presentedToken(cloud: Cloud, c: EmulatorContext): StoredToken | undefined {
  const header = c.req.header("authorization");
  if (header === undefined) {
    throw new ApiError(400, {
      code: CODES.MISSING_AUTHORIZATION,
      message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers",
    });
  }
  const [, value] = BEARER.exec(header) ?? [];
  if (value === undefined) {
    throw new ApiError(400, {
      code: CODES.INVALID_REQUEST_HEADERS,
      message: "Invalid request headers",
      error_chain: [{ code: CODES.INVALID_AUTHORIZATION_HEADER, message: "Invalid format for Authorization header" }],
    });
  }
  return cloud.tokens.byValue(value);
}

/** The token of a request, usable or not, where it is one that exists. */
export function knownToken(cloud: Cloud, c: EmulatorContext): StoredToken | undefined {
  const [, value] = BEARER.exec(c.req.header("authorization") ?? "") ?? [];
  return value === undefined ? undefined : cloud.tokens.byValue(value);
}

/** Refuses a token whose IP condition does not hold for this request. */
export function assertLocation(cloud: Cloud, c: EmulatorContext, token: StoredToken): void {
  const address = c.req.header(SOURCE_ADDRESS_HEADER) ?? cloud.sourceAddress;
  if (isIP(address) === 0) {
    throw new ApiError(400, {
      code: CODES.INVALID_REQUEST_HEADERS,
      message: `${SOURCE_ADDRESS_HEADER} is not an IP address.`,
    });
  }
  if (allowsAddress(token.settings.condition?.request_ip, address)) return;
  throw new ApiError(403, {
    code: CODES.WRONG_LOCATION,
    message: `Cannot use the access token from location: ${address}`,
  });
}

/** The token of a request, or a refusal where it is not alive or is used from an address that it does not allow. */
export function aliveToken(cloud: Cloud, c: EmulatorContext): StoredToken {
  const token = presentedToken(cloud, c);
  if (token === undefined || !isAlive(token, cloud.clock.now())) {
    throw new ApiError(401, { code: CODES.AUTHENTICATION_ERROR, message: "Authentication error" });
  }
  assertLocation(cloud, c, token);
  return token;
}

/** Lets a request pass whose token is alive, used from an allowed address and permitted on the account of the path. */
export function requires(cloud: Cloud, permission: Permission): MiddlewareHandler<EmulatorEnv> {
  return async (c, next) => {
    const accountId = objectId(c, "account");
    const token = aliveToken(cloud, c);
    // An account that does not exist is answered like one that the token cannot reach.
    if (!isGranted(token, accountId, permission.anyOf)) {
      throw new ApiError(403, {
        code: CODES.AUTHENTICATION_ERROR,
        message: "Authentication error",
        documentation_url: permission.documentation,
      });
    }
    token.lastUsedAt = cloud.clock.now();
    await next();
  };
}

/** Answers a path that no route declares. */
export function unknownRoute(c: EmulatorContext): ApiError {
  return couldNotRoute(rawPath(c.req.raw));
}

function isAlive(token: StoredToken, now: number): boolean {
  const { not_before: notBefore } = token.settings;
  return statusOf(token, now) === "active" && (notBefore === undefined || now >= Date.parse(notBefore));
}
