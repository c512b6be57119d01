import * as http from "node:http";

import { AppError } from "../core/app-error.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** As curl, Go and gRPC know them: https://about.gitlab.com/blog/we-need-to-talk-no-proxy/ compares who reads which. */
const PROXIES = ["https_proxy", "http_proxy", "all_proxy", "grpc_proxy"] as const;
const EXCEPTIONS = ["no_proxy", "NO_PROXY", "no_grpc_proxy"] as const;
/** The engine, its plugins and the local cloud listen here: no proxy could reach them. */
const LOOPBACK = ["localhost", "127.0.0.1", "::1"] as const;

/** A proxy that the environment names. */
export interface NamedProxy {
  readonly variable: string;
  /** Without user and password; absent where it is no URL. */
  readonly address?: string;
}

/** The proxies of an environment, in either case. */
export function proxiesIn(env: Env): NamedProxy[] {
  return PROXIES.flatMap((name) => [name, name.toUpperCase()]).flatMap((variable) => {
    const value = env[variable]?.trim();
    if (value === undefined || value === "") return [];
    const address = addressOf(value);
    return [{ variable, ...(address === undefined ? {} : { address }) }];
  });
}

/** Hosts that are reached without a proxy, as every program of a run is to know them; none where there is no proxy. */
export function exceptionsIn(env: Env): string[] {
  if (proxiesIn(env).length === 0) return [];
  const given = EXCEPTIONS.flatMap((name) => (env[name] ?? "").split(/[\s,]+/)).filter((host) => host !== "");
  return [...new Set([...given, ...LOOPBACK])];
}

/** The variables of exceptions: each reader has its own name, and some do not take blanks. */
export function exceptionVariables(env: Env): Record<string, string> {
  const hosts = exceptionsIn(env);
  return hosts.length === 0 ? {} : Object.fromEntries(EXCEPTIONS.map((name) => [name, hosts.join(",")]));
}

/**
 * Lets this process, and all that it starts, go through the proxies of its environment, but never for this very machine.
 * Go programs do so by themselves; Node.js has to be told.
 *
 * @throws AppError USAGE for a proxy that is no URL
 */
export function useProxies(env: NodeJS.ProcessEnv): void {
  const wrong = proxiesIn(env).filter(({ address }) => address === undefined);
  if (wrong.length > 0) {
    throw new AppError("USAGE", {
      problem: `${wrong.map(({ variable }) => variable).join(", ")} is no URL of a proxy.`,
      fix: "Set it to http://host:port, or unset it.",
    });
  }
  Object.assign(env, exceptionVariables(env));
  // Of Node.js 24.5 and newer; npm brings that one along. https://nodejs.org/api/http.html#httpsetglobalproxyfromenvproxyenv
  if (proxiesIn(env).length > 0 && "setGlobalProxyFromEnv" in http) http.setGlobalProxyFromEnv(env);
}

function addressOf(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, host } = new URL(text);
  return `${protocol}//${host}`;
}
