import { environmentOfFile } from "../config/formats.ts";
import type { Neighbour, Neighbours, StackView, Violation } from "./model.ts";

/** Previews in the account of a production environment, or the other way round: the access does not matter. */
export function previewsBesideProduction(stack: StackView): readonly Violation[] {
  const shared = accountNeighbours(stack).filter((neighbour) => isPreviewBesideProduction(stack, neighbour));
  return shared.map(({ kind, environment }) => ({
    message: `The ${kind} environment ${environment} is in the same account.`,
  }));
}

/** Every other neighbour in the same account whose token reaches this environment, or the other way round. */
export function reachableNeighbours(stack: StackView): readonly Violation[] {
  const reachable = accountNeighbours(stack).filter(
    ({ access }) => access === "rest" || stack.environment.access === "rest",
  );
  const others = reachable.filter((neighbour) => !isPreviewBesideProduction(stack, neighbour));
  return others.map(({ environment }) => ({
    message: `The environment ${environment} is in the same account, where a token reaches every namespace.`,
  }));
}

/** Reported by each rule that needs the other environments of the project. */
export function unreadableNeighbours({ neighbours }: StackView): readonly Violation[] {
  return neighbours.unreadable.map(({ file, problem }) => ({ message: `${file} cannot be judged: ${problem}.` }));
}

function accountNeighbours({ environment, neighbours }: StackView): readonly Neighbour[] {
  return neighbours.known.filter(({ accountId }) => accountId === environment.accountId);
}

function isPreviewBesideProduction({ environment }: StackView, { kind }: Neighbour): boolean {
  const kinds = new Set([environment.kind, kind]);
  return kinds.has("preview") && kinds.has("production");
}

/** Which environments of a project are in an account: a token reaches every namespace of its account. */
export interface AccountSharing {
  readonly sharedWith: readonly string[];
  /** Files with problems, so that their account is not known. */
  readonly unknown: readonly string[];
}

/** Other projects in the account are not seen. */
export function accountSharing({ known, unreadable }: Neighbours, accountId: string): AccountSharing {
  return {
    sharedWith: known.filter((other) => other.accountId === accountId).map(({ environment }) => environment),
    unknown: unreadable.map(({ file }) => environmentOfFile(file) ?? file),
  };
}
