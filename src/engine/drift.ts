import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

import { isJsonObject } from "../core/json-object.ts";
import { nameOfUrn } from "../stack/types.ts";

/** A resource that a person changed or deleted at its vendor since the state was written. */
export interface DriftedResource {
  /** `cloudflare:index/accountToken:AccountToken` */
  readonly type: string;
  readonly name: string;
  readonly change: "changed" | "gone";
  /** Properties that differ, without values. Secret ones are named where nothing else differs: they may be it. */
  readonly properties: readonly string[];
}

/**
 * What the vendor changes by itself, of tokens and of Workers:
 * https://github.com/cloudflare/terraform-provider-cloudflare, account_token and worker.
 */
const KEPT_BY_VENDOR = new Set(["lastUsedOn", "modifiedOn", "updatedOn", "deployedOn", "references"]);
const SECRET_MARK = "4dabf18193072939515e22adb298388d";

type Metadata = NonNullable<EngineEvent["resOutputsEvent"]>["metadata"];

/** Drift of one event of `pulumi refresh --preview-only`; none where nothing differs that a person could change. */
export function driftOf(event: EngineEvent): DriftedResource | undefined {
  const metadata = event.resOutputsEvent?.metadata;
  if (metadata?.op !== "update" && metadata?.op !== "delete") return undefined;
  const what = { type: metadata.type, name: nameOfUrn(metadata.urn) };
  if (metadata.op === "delete") return { ...what, change: "gone", properties: [] };
  const differing = differingProperties(metadata);
  const properties = differing.filter((property) => !KEPT_BY_VENDOR.has(property));
  return differing.length > 0 && properties.length === 0 ? undefined : { ...what, change: "changed", properties };
}

/** The engine names no property for a refresh, and shows secrets masked: the outputs of both sides tell the rest. */
function differingProperties({ diffs, old: before, new: after }: Metadata): string[] {
  if (diffs !== undefined && diffs.length > 0) return [...diffs];
  const was = asRecord(before?.outputs);
  const is = asRecord(after?.outputs);
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const visible = names.filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]));
  return visible.length > 0 ? visible : names.filter((name) => SECRET_MARK in asRecord(is[name]));
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isJsonObject(value) ? value : {};
}
