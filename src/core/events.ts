/** What a long operation tells the people who watch it. Reporters turn events into lines, bars or NDJSON. */
export type ProgressEvent =
  | { readonly type: "step-started"; readonly step: string; readonly note?: string }
  | { readonly type: "step-progress"; readonly step: string; readonly note: string }
  | { readonly type: "step-finished"; readonly step: string; readonly note?: string }
  | { readonly type: "warning"; readonly text: string };

export type Emit = (event: ProgressEvent) => void;
