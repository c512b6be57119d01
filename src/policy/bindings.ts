import type { PropertyMap } from "./model.ts";

/** The name of a Worker's binding, for messages. */
export function nameOf({ name }: PropertyMap): string {
  return typeof name === "string" ? name : "without a name";
}
