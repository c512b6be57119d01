import { present, type Properties } from "../plain.ts";

/** Annotations of versions and deployments, by the names that Pulumi and the API give them. */
const NAMES = {
  workersMessage: "workers/message",
  workersTag: "workers/tag",
  workersTriggeredBy: "workers/triggered_by",
} as const;

export function annotationsToApi(annotations: Properties): Properties {
  return present(Object.fromEntries(Object.entries(NAMES).map(([name, apiName]) => [apiName, annotations[name]])));
}

export function annotationsFromApi(annotations: Properties): Properties {
  return present(Object.fromEntries(Object.entries(NAMES).map(([name, apiName]) => [name, annotations[apiName]])));
}
