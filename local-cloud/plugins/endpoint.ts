import { isLoopback } from "../../src/config/formats.ts";

/**
 * Reads the endpoint of a vendor from the environment. These plugins stand in for the official ones on the local
 * cloud only: any endpoint that is not this machine is refused.
 */
export function loopbackEndpoint(variable: string, value: string | undefined): URL {
  if (value === undefined || value === "") throw new Error(`${variable} is not set: ${PURPOSE}`);
  if (!URL.canParse(value)) throw new Error(`${variable} is not a URL`);
  const url = new URL(value);
  if (!["http:", "https:"].includes(url.protocol)) throw new Error(`${variable} is not an http URL`);
  if (url.username !== "" || url.password !== "") throw new Error(`${variable} must not hold a user or a password`);
  if (!isLoopback(value)) throw new Error(`${variable} points at ${url.hostname}, not at this machine: ${PURPOSE}`);
  return url;
}

const PURPOSE = "the local provider plugins speak only to the emulators of `kvshift local up`";

/** A key that must be in the environment. */
export function requireVariable(variable: string, value: string | undefined): string {
  if (value === undefined || value === "") throw new Error(`${variable} is not set`);
  return value;
}
