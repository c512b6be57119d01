import type { RunContext } from "../../core/run-context.ts";
import { connectGithub, hasGithub } from "../../vendors/github.ts";

/** Which pull requests are open, as far as is known. */
export interface OpenRequests {
  /** Absent: nobody knows, and nothing is removed for being closed. */
  readonly numbers: ReadonlySet<number> | undefined;
  /**
   * Asked right before something goes because its request is closed: why it stays after all. A request may have been
   * opened, or opened again, after the list was read. Throws AppError VENDOR_FAILED where GitHub does not answer.
   */
  readonly whyNotClosed: (pr: number) => Promise<string | undefined>;
}

/**
 * What a person says (`numbers`), else what GitHub says, where it is known who it is.
 *
 * @throws AppError VENDOR_FAILED
 */
export async function askForOpenRequests(
  numbers: readonly number[] | undefined,
  { env, emit }: Pick<RunContext, "env" | "emit">,
): Promise<OpenRequests> {
  if (numbers !== undefined || !hasGithub(env)) {
    return { numbers: numbers && new Set(numbers), whyNotClosed: () => Promise.resolve(undefined) };
  }
  const github = await connectGithub(env, (seconds) => {
    emit({ type: "warning", text: `GitHub asks for a pause of ${String(seconds)} s.` });
  });
  return {
    numbers: new Set(await github.openRequests()),
    whyNotClosed: async (pr) => {
      const isOpen = await github.isOpen(pr);
      if (isOpen === undefined) {
        return `${env["GITHUB_REPOSITORY"] ?? ""} has no pull request ${String(pr)}: it is of another repository, or --open says which are open`;
      }
      return isOpen ? "its pull request is open now" : undefined;
    },
  };
}
