/** One call on an object, between two points of a common order in which calls begin and end. */
export interface Call<Operation> {
  readonly operation: Operation;
  readonly begin: number;
  /** `Infinity`: no answer came, so it may have been done at any time from its beginning on, or never. */
  readonly end: number;
}

/** What an object does when its calls come one after the other. */
export interface Model<State, Operation> {
  readonly initial: State;
  /** The state after `operation`, which holds its answer; `undefined`: it cannot have been answered so in `state`. */
  step(state: State, operation: Operation): State | undefined;
  /** The same text for states that are the same. */
  textOf(state: State): string;
}

/** More calls than fit the bits of a number would need another kind of set. */
const MAX_CALLS = 30;

/**
 * Whether the calls can be put into an order that keeps those apart that did not overlap, and in which each was
 * answered as the model would have answered: Wing and Gong's search, with the memory of Lowe. At most 30 calls.
 * https://doi.org/10.1006/jpdc.1993.1015, https://doi.org/10.1002/cpe.3928
 */
export function isLinearizable<State, Operation>(
  calls: readonly Call<Operation>[],
  model: Model<State, Operation>,
): boolean {
  if (calls.length > MAX_CALLS) throw new Error(`a history of ${String(calls.length)} calls is too long`);
  const answered = calls.reduce((bits, { end }, index) => (end === Infinity ? bits : bits | (1 << index)), 0);
  const seen = new Set<string>();

  const search = (done: number, state: State): boolean => {
    if ((done & answered) === answered) return true;
    const known = `${String(done)} ${model.textOf(state)}`;
    if (seen.has(known)) return false;
    seen.add(known);
    const firstEnd = Math.min(...calls.map(({ end }, index) => (isIn(done, index) ? Infinity : end)));
    return calls.some(({ operation, begin }, index) => {
      if (isIn(done, index) || begin > firstEnd) return false;
      const next = model.step(state, operation);
      return next !== undefined && search(done | (1 << index), next);
    });
  };
  return search(0, model.initial);
}

function isIn(set: number, index: number): boolean {
  return (set & (1 << index)) !== 0;
}
