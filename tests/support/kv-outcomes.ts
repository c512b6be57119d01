/** What calls come to: the status, and Cloudflare's code of the error. */
export const OK = { status: 200, code: undefined };
export const INVALID = { status: 400, code: 10001 };
export const TOO_LARGE = { status: 413, code: 10001 };
export const KEY_TOO_LONG = { status: 414, code: 10001 };
export const KEY_NOT_FOUND = { status: 404, code: 10009 };
export const NAMESPACE_NOT_FOUND = { status: 404, code: 10013 };
export const NOT_AUTHENTICATED = { status: 401, code: 10000 };
export const NO_ROUTE = { status: 404, code: 7003 };
