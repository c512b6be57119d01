import type { Access, Consistency, EnvironmentKind, Phase } from "../../core/names.ts";

export interface NamespaceAnswer {
  readonly name: string;
  readonly consistency: Consistency;
  readonly defaultTtlSeconds: number;
}

/** Everything that the file of a new environment depends on, apart from the time at which it is made. */
export interface Answers {
  /** The stack's name. */
  readonly environment: string;
  readonly kind: EnvironmentKind;
  readonly app: string;
  readonly access: Access;
  readonly phase: Phase;
  /** Only in the phases in which Redis is used. */
  readonly upstashUrl?: string;
  readonly accountId: string;
  /** Where the gateway is: only under `access: gateway`, one of both. */
  readonly workersSubdomain?: string;
  readonly hostname?: { readonly name: string; readonly zoneId: string };
  readonly ownerId: string;
  readonly services: readonly string[];
  /** The environment of a Render project. */
  readonly environmentId?: string;
  readonly namespaces: readonly NamespaceAnswer[];
  /** Networks of the services, then of the operators; empty for every address. */
  readonly allowedIps: readonly string[];
  readonly operatorIps: readonly string[];
  readonly expiresInDays: number | "never";
}

/** How vendors call what has an id, for people: made harmless by `readable`. */
export type Names = Map<string, string>;

const MAX_NAME_CHARACTERS = 60;

/** A vendor's name for a line of text: without line ends, colours and anything else that is no letter or sign. */
export function readable(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "")
    .slice(0, MAX_NAME_CHARACTERS)
    .trim();
}
