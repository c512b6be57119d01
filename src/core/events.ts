/** One resource that the engine changes or would change. */
export interface ResourceChange {
  /** The engine's word: `create`, `update`, `replace`, `delete`, `same`, `refresh`, `import`, … */
  readonly operation: string;
  /** `cloudflare:index/accountToken:AccountToken` */
  readonly type: string;
  /** The name in the program. */
  readonly name: string;
  /** Input properties that differ, without values. */
  readonly properties: readonly string[];
}

/** What a long operation tells the people who watch it. Reporters turn events into lines, bars or NDJSON. */
export type ProgressEvent =
  | { readonly type: "step-started"; readonly step: string; readonly note?: string }
  | { readonly type: "step-progress"; readonly step: string; readonly note: string }
  | { readonly type: "step-finished"; readonly step: string; readonly note?: string }
  | { readonly type: "resource"; readonly change: ResourceChange; readonly done: boolean }
  /** An object that no state knew is gone from its vendor. `what`: `KV namespace`, `environment group`, … */
  | { readonly type: "object-removed"; readonly what: string; readonly name: string }
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "warning"; readonly text: string };

export type Emit = (event: ProgressEvent) => void;
