import { RESOURCE_TYPES } from "../../stack/types.ts";
import type { StateRule } from "../state.ts";

const DATA_TYPES: ReadonlySet<string> = new Set([RESOURCE_TYPES.namespace, RESOURCE_TYPES.worker]);

export const rule: StateRule = {
  name: "production-data-is-kept",
  description:
    "In production every namespace and every Worker is protected, and retained when it leaves the program (`retainOnDelete`).",
  reason: "Both hold data that exists nowhere else: Cloudflare deletes it with them, at once and for good.",
  fix: "Give the resource `protect: true` and `retainOnDelete: true`, and run `up`.",
  check: ({ config, resources }) => {
    if (config.kind !== "production") return [];
    return resources
      .filter(({ type, isCurrent }) => isCurrent && DATA_TYPES.has(type))
      .flatMap(({ name, urn, protect, retainOnDelete }) => [
        ...(protect ? [] : [{ message: `Resource ${name} is not protected.`, urn }]),
        ...(retainOnDelete ? [] : [{ message: `Resource ${name} is not retained.`, urn }]),
      ]);
  },
};
