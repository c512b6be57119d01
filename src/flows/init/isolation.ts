import type { Neighbour } from "../../policy/model.ts";
import type { Answers } from "./answers.ts";

/**
 * What the new environment would share with others of the project, one line each: Cloudflare's tokens cannot be limited
 * to a namespace, and a service has each variable once. What `up` refuses says so.
 */
export function isolationWarnings(answers: Answers, neighbours: readonly Neighbour[]): string[] {
  return neighbours.flatMap((neighbour) => [
    ...accountWarning(answers, neighbour),
    ...serviceWarnings(answers, neighbour),
    ...renderEnvironmentWarning(answers, neighbour),
  ]);
}

function accountWarning({ accountId, access, kind }: Answers, neighbour: Neighbour): string[] {
  if (neighbour.accountId !== accountId) return [];
  const hasToken = access === "rest" || neighbour.access === "rest";
  const reach = hasToken
    ? "each one's token reaches the namespaces of the other"
    : "whoever may deploy a Worker there reaches the namespaces of both";
  const shared = `${neighbour.environment} is in the same Cloudflare account: ${reach}`;
  const kinds = new Set([kind, neighbour.kind]);
  const isRefused = kinds.has("production") && (hasToken || kinds.has("preview"));
  if (!isRefused) return [`${shared}.`];
  return [`${shared}. \`up\` refuses that for production: give one of them an account of its own.`];
}

function serviceWarnings({ services, kind }: Answers, neighbour: Neighbour): string[] {
  const isRefused = kind === "preview" && neighbour.kind === "production";
  const refused = isRefused ? " `up` refuses that for a preview." : "";
  return services
    .filter((id) => neighbour.services.includes(id))
    .map(
      (id) =>
        `${id} is a service of ${neighbour.environment} too: it would have the variables of one of the two.${refused}`,
    );
}

function renderEnvironmentWarning({ environmentId, kind }: Answers, neighbour: Neighbour): string[] {
  const isShared = environmentId !== undefined && environmentId === neighbour.renderEnvironmentId;
  if (!isShared || kind !== "preview" || neighbour.kind !== "production") return [];
  return [
    `${environmentId} is the Render environment of ${neighbour.environment} too. \`up\` refuses that for a preview.`,
  ];
}
