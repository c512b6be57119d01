import { gte, SemVer } from "semver";

/** The CLI that `tools/pulumi` builds and Pulumi's installer is asked for. */
export const BUILT_VERSION = new SemVer("3.259.0");

/** The oldest CLI that kvshift works with: `policy analyze --file` and stack tags on every backend. */
const MINIMUM_VERSION = new SemVer("3.249.0");

/** Whether a CLI of this version can be used; one that names no version cannot. */
export function isUsable(version: SemVer | null): version is SemVer {
  return version !== null && gte(version, MINIMUM_VERSION);
}
