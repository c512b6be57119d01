import type { Plain } from "./plain.ts";

/**
 * What stands for a value that is not known before an update, by the kind of value:
 * https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/resource/plugin/rpc.go
 */
const SENTINELS: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string; the Node.js SDK sends this one for every kind
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // list
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // map
]);

/** Whether a value is not known yet. Only previews hold such values. */
export function isUnknown(value: Plain | undefined): boolean {
  return SENTINELS.has(value);
}
