import type { KeySpace } from "./key-space.ts";
import type { VersionInput } from "./worker-schemas.ts";

export interface ServedVersion {
  readonly workerId: string;
  readonly input: VersionInput;
  /** Durable Object classes that this version or an earlier one declared with SQLite storage. */
  readonly sqliteClasses: ReadonlySet<string>;
  /** The pairs of a KV namespace that the Worker's account has. */
  readonly keysOf: (namespaceId: string) => KeySpace | undefined;
}

/** Runs what Workers serve. The routes know it through this, so that they can be tested without a runtime. */
export interface WorkerHost {
  /** Resolves when requests reach the version. Throws `ScriptRefused`: the version before it goes on serving. */
  serve(version: ServedVersion): Promise<void>;
  /** With the data of its Durable Objects. */
  remove(workerId: string): Promise<void>;
}

/** The runtime does not start a version. The message is for the person who uploaded it. */
export class ScriptRefused extends Error {
  override readonly name = "ScriptRefused";
}
