import type { Model } from "./linearizability.ts";

/** What is under a key; `undefined`: nothing. */
export type KeyState =
  | {
      readonly value: string;
      /** `undefined`: not known, because the answer to a plain write does not tell it. */
      readonly version: string | undefined;
      readonly ends: boolean;
    }
  | undefined;

export interface AtomicAnswer {
  readonly applied: boolean;
  readonly version: string | undefined;
  readonly value?: string | number;
}

/** `answer`: absent where none came. `version` is always one that belongs to one write only. */
export type KeyOperation =
  | { readonly kind: "get"; readonly answer?: KeyState }
  | { readonly kind: "put"; readonly value: string; readonly ends: boolean }
  | { readonly kind: "delete" }
  | { readonly kind: "put-if-absent"; readonly value: string; readonly answer?: AtomicAnswer }
  | {
      readonly kind: "put-if-unchanged";
      readonly value: string;
      readonly version: string;
      readonly answer?: AtomicAnswer;
    }
  | { readonly kind: "increment"; readonly answer?: AtomicAnswer | "refused" }
  | { readonly kind: "touch"; readonly ends: boolean; readonly answer?: AtomicAnswer }
  | { readonly kind: "get-and-delete"; readonly answer?: AtomicAnswer };

type Step<Kind extends KeyOperation["kind"]> = (
  state: KeyState,
  operation: Extract<KeyOperation, { kind: Kind }>,
) => { readonly next: KeyState } | undefined;

const STEPS: { readonly [Kind in KeyOperation["kind"]]: Step<Kind> } = {
  get: (state, { answer }) => {
    if (answer === undefined || state === undefined) return answer === state ? { next: state } : undefined;
    const isSame = answer.value === state.value && answer.ends === state.ends && agrees(state, answer.version);
    return isSame ? { next: { ...state, version: answer.version } } : undefined;
  },
  put: (_, { value, ends }) => ({ next: { value, version: undefined, ends } }),
  delete: () => ({ next: undefined }),
  "put-if-absent": (state, { value, answer }) =>
    state === undefined ? written(answer, { value, ends: false }) : refused(answer, state),
  "put-if-unchanged": (state, { value, version, answer }) => {
    // A version that is not known may be the one that was asked for, or not.
    if (state !== undefined && state.version === undefined && answer !== undefined) {
      return answer.applied ? written(answer, { value, ends: false }) : refused(answer, state);
    }
    return state !== undefined && state.version === version
      ? written(answer, { value, ends: false })
      : refused(answer, state);
  },
  increment: (state, { answer }) => {
    const number = state === undefined ? 0 : Number(state.value);
    if (!Number.isInteger(number)) return answer === undefined || answer === "refused" ? { next: state } : undefined;
    if (answer === "refused" || (answer !== undefined && answer.value !== number + 1)) return undefined;
    return written(answer, { value: String(number + 1), ends: state?.ends ?? false });
  },
  touch: (state, { ends, answer }) =>
    state === undefined ? refused(answer, state) : written(answer, { value: state.value, ends }),
  "get-and-delete": (state, { answer }) => {
    if (state === undefined) return refused(answer, state);
    if (answer === undefined) return { next: undefined };
    return answer.applied && answer.value === state.value ? { next: undefined } : undefined;
  },
};

/** One key of a strong namespace. A lifetime is longer than any history: it only shows whether there is one. */
export const KEY_MODEL: Model<{ readonly key: KeyState }, KeyOperation> = {
  initial: { key: undefined },
  step: ({ key }, operation) => {
    const step = STEPS[operation.kind] as Step<KeyOperation["kind"]>;
    const done = step(key, operation);
    return done && { key: done.next };
  },
  textOf: ({ key }) => JSON.stringify(key ?? null),
};

function written(answer: AtomicAnswer | undefined, state: { readonly value: string; readonly ends: boolean }) {
  if (answer?.applied === false) return undefined;
  return { next: { ...state, version: answer?.version } };
}

/** Not done, and told the version that is there. */
function refused(answer: AtomicAnswer | undefined, state: KeyState) {
  if (answer === undefined) return { next: state };
  if (answer.applied) return undefined;
  if (state === undefined) return answer.version === undefined ? { next: state } : undefined;
  return agrees(state, answer.version) ? { next: { ...state, version: answer.version } } : undefined;
}

function agrees(state: NonNullable<KeyState>, version: string | undefined): boolean {
  return version !== undefined && (state.version === undefined || state.version === version);
}
