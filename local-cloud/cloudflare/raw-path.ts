import type { EmulatorContext } from "./context.ts";
import { ApiError, CODES, couldNotRoute } from "./envelope.ts";
import { isObjectId } from "./ids.ts";

/** The path as received. Frameworks decode it, which makes `a%2Fb` and `a/b` one and `%25` ambiguous. */
export function rawPath(request: Request): string {
  return new URL(request.url).pathname;
}

/** The KV key that is the last segment of the path. A key with `/` in it has to be sent as `%2F`. */
export function keyFromPath(c: EmulatorContext): string {
  const path = rawPath(c.req.raw);
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  } catch {
    throw new ApiError(400, { code: CODES.KV_INVALID, message: "The key name is not valid percent-encoded UTF-8." });
  }
}

/** A segment of the path that a route declares. */
export function segment(c: EmulatorContext, name: string): string {
  return c.req.param(name) ?? "";
}

/** A segment that has to be an id of 32 hexadecimal digits. */
export function objectId(c: EmulatorContext, name: string): string {
  const id = segment(c, name);
  if (!isObjectId(id)) throw couldNotRoute(rawPath(c.req.raw));
  return id;
}
