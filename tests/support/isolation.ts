import {
  type Caller,
  CALLERS,
  type Environment,
  type EnvironmentName,
  ENVIRONMENTS,
  NO_SUCH_ID,
  VALID_CALLERS,
} from "./isolation-environments.ts";
import {
  ALL_ROUTES,
  type Column,
  type Operation,
  OPERATIONS,
  requestOf,
  type Target,
  targetOf,
} from "./isolation-operations.ts";

export type Environments = Readonly<Record<EnvironmentName, Environment>>;

/** One request of one caller to the gateway of one environment. */
export interface Attempt {
  readonly gateway: EnvironmentName;
  readonly caller: Caller;
  /** The environment whose credential it is. */
  readonly of: EnvironmentName;
  readonly presented: Readonly<Record<string, string>>;
  readonly operation: Operation;
  readonly target: Target;
}

export interface Observation extends Attempt {
  readonly status: number;
  readonly body: string;
}

/** Sends a request to the gateway of an environment. */
export type Send = (gateway: EnvironmentName, request: Request) => Promise<Response>;

/** Where a request goes: a row of the second table. */
export const PLACES = [
  "a namespace of another environment",
  "a namespace that does not exist",
  "its own namespace, under another account",
  "anywhere, without a credential that is valid there",
] as const;
export type Place = (typeof PLACES)[number];

/** Each caller at the gateway that its credential was made for, on the namespaces of that environment. */
export function attemptsAtHome(environments: Environments): Attempt[] {
  return everyCaller(environments).flatMap((caller) => {
    const environment = environments[caller.of];
    return OPERATIONS.flatMap((operation) =>
      // On an eventual namespace atomic operations are refused for what it is.
      (operation.isInNamespace && operation.column !== "atomic"
        ? [environment.sessions, environment.cache]
        : [environment.sessions]
      ).map((namespace) => ({
        ...caller,
        gateway: environment.name,
        operation,
        target: targetOf(environment, namespace),
      })),
    );
  });
}

/**
 * Each caller everywhere else: every path with every method. Who is let in at its own gateway is tried on the namespaces
 * of all environments and on one that there is nowhere, under each account; who is not, on one that is there and one
 * that is not.
 */
export function attemptsElsewhere(environments: Environments): (Attempt & { readonly place: Place })[] {
  // The credentials of another environment are tried here as its own callers.
  const callers = everyCaller(environments).filter(({ caller }) => caller !== "of another environment");
  return callers.flatMap((caller) =>
    ENVIRONMENTS.flatMap((gateway) => {
      const own = environments[gateway];
      const places = isValid({ ...caller, gateway }) ? placesOf(environments, own) : strangerAt(own);
      return places.flatMap(({ target, place }) =>
        ALL_ROUTES.filter((operation) => isElsewhere(operation, place)).map((operation) => ({
          ...caller,
          gateway,
          operation,
          target,
          place,
        })),
      );
    }),
  );
}

/** Every path with every method that is not for reading, by those who are let in at home but may write nothing there. */
export function attemptsToWrite(environments: Environments): Attempt[] {
  const limited = new Set<Caller>(["application, read access", "application, of another namespace"]);
  return everyCaller(environments)
    .filter(({ caller }) => limited.has(caller))
    .flatMap((caller) => {
      const environment = environments[caller.of];
      const routes = ALL_ROUTES.filter(({ method, isInNamespace }) => isInNamespace && !/GET|HEAD/.test(method));
      return [environment.sessions, environment.cache].flatMap((namespace) =>
        routes.map((operation) => ({
          ...caller,
          gateway: caller.of,
          operation,
          target: targetOf(environment, namespace),
        })),
      );
    });
}

export async function observe<A extends Attempt>(
  attempts: Iterable<A>,
  send: Send,
  origin?: string,
): Promise<(A & Observation)[]> {
  const seen: (A & Observation)[] = [];
  for (const attempt of attempts) {
    const { gateway, operation, target, presented } = attempt;
    const response = await send(gateway, requestOf(operation, target, presented, origin));
    seen.push({ ...attempt, status: response.status, body: await response.text() });
  }
  return seen;
}

/** What each caller was seen to get at home: `yes`, or the statuses of the refusals. */
export function cells(observations: readonly Observation[]): Map<Caller, Map<Column, string>> {
  const byCaller = Map.groupBy(observations, ({ caller }) => caller);
  return new Map(
    CALLERS.map((caller) => {
      const byColumn = Map.groupBy(byCaller.get(caller) ?? [], ({ operation }) => operation.column);
      return [caller, new Map([...byColumn].map(([column, seen]) => [column, outcomes(seen)]))];
    }),
  );
}

export function outcomes(observations: readonly Observation[]): string {
  const all = new Set(observations.map(({ status }) => (status === 200 ? "yes" : String(status))));
  return [...all].toSorted().join(", ");
}

/** Whether this caller's credential is valid at this gateway. */
export function isValid({ caller, gateway, of }: Pick<Attempt, "caller" | "gateway" | "of">): boolean {
  return gateway === of && VALID_CALLERS.includes(caller);
}

function everyCaller(environments: Environments): Pick<Attempt, "caller" | "of" | "presented">[] {
  return ENVIRONMENTS.flatMap((of) =>
    CALLERS.flatMap((caller) => environments[of].presented[caller].map((presented) => ({ caller, of, presented }))),
  );
}

function placesOf(environments: Environments, own: Environment): { target: Target; place: Place }[] {
  const mine = targetOf(own, own.sessions);
  const foreign = ENVIRONMENTS.filter((name) => name !== own.name)
    .map((name) => environments[name])
    .flatMap((environment) => [environment.sessions, environment.cache].map((one) => targetOf(environment, one)));
  return [
    ...foreign.map((target) => ({ target, place: "a namespace of another environment" as const })),
    // Under the account that the caller knows.
    ...foreign.map((target) => ({
      target: { ...target, accountId: mine.accountId },
      place: "a namespace of another environment" as const,
    })),
    { target: { ...mine, namespaceId: NO_SUCH_ID }, place: "a namespace that does not exist" },
    ...[NO_SUCH_ID, ""].map((accountId) => ({
      target: { ...mine, accountId },
      place: "its own namespace, under another account" as const,
    })),
  ];
}

/** What somebody tries who knows everything of an environment but a credential of it. */
function strangerAt(environment: Environment): { target: Target; place: Place }[] {
  const target = targetOf(environment, environment.sessions);
  return [target, { ...target, namespaceId: NO_SUCH_ID }].map((one) => ({
    target: one,
    place: "anywhere, without a credential that is valid there",
  }));
}

/** At its own gateway a path is elsewhere by the namespace or by the account in it. */
function isElsewhere({ isInNamespace, path }: Operation, place: Place): boolean {
  if (place === "anywhere, without a credential that is valid there") return true;
  const namesAccount = path({ accountId: "a", namespaceId: "n", environment: "dev" }).includes("/accounts/a/");
  return place === "its own namespace, under another account" ? namesAccount : isInNamespace;
}
