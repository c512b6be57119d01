import { execFile } from "node:child_process";
import { relative } from "node:path";
import { promisify } from "node:util";

import { AppError } from "../../core/app-error.ts";

/** Commits files of a checkout and pushes them. */
export interface Publisher {
  /**
   * Commits what is in the files and pushes it. Where the push is refused, the commit is taken back; the files are left
   * to whoever wrote them.
   *
   * @throws AppError PUSH_REFUSED
   */
  publish(message: string): Promise<void>;
}

const TIMEOUT_MS = 60_000;

/**
 * A checkout whose branch can be pushed: it has an upstream, is not behind it, and the files have no changes of somebody
 * else in them.
 *
 * @throws AppError PUSH_REFUSED
 */
export async function createPublisher(folder: string, files: readonly string[]): Promise<Publisher> {
  const git = async (...args: string[]): Promise<string> => {
    try {
      const { stdout } = await promisify(execFile)("git", ["-C", folder, ...args], { timeout: TIMEOUT_MS });
      return stdout.trim();
    } catch (cause) {
      throw refused(`git ${args[0] ?? ""} failed.`, said(cause), cause);
    }
  };
  const paths = files.map((file) => relative(folder, file));
  const outside = paths.filter((path) => path.startsWith(".."));
  if (outside.length > 0) throw refused("A file is not in the project's checkout.", outside);
  const changed = await git("status", "--porcelain", "--", ...paths);
  if (changed !== "")
    throw refused("The files of the environment have changes that are not committed.", changed.split("\n"));
  await git("fetch", "--quiet");
  const behind = await git("rev-list", "--count", "HEAD..@{upstream}");
  if (behind !== "0") throw refused(`This checkout is ${behind} commit(s) behind its upstream.`, []);
  return {
    publish: async (message) => {
      await git("add", "--", ...paths);
      // Nothing to commit is no failure: an intent may not change the file.
      if ((await git("diff", "--cached", "--name-only", "--", ...paths)) === "") return;
      await git("commit", "--quiet", "--message", message, "--", ...paths);
      try {
        await git("push", "--quiet");
      } catch (error) {
        await git("reset", "--quiet", "--mixed", "HEAD~1");
        throw error;
      }
    },
  };
}

/** What git said; it may name remotes, but a URL with a password in it is not shown. */
function said(cause: unknown): string[] {
  const text = cause instanceof Error && "stderr" in cause ? String(cause.stderr) : "";
  return text
    .replaceAll(/\/\/[^@/\s]+@/g, "//")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, 5);
}

function refused(problem: string, details: readonly string[], cause?: unknown): AppError {
  return new AppError("PUSH_REFUSED", {
    problem: `${problem} Nothing was changed by this step.`,
    details,
    fix: "Pull, commit or set up the branch's upstream, then run it again; without --commit the files are left to you.",
    retryable: true,
    cause,
  });
}
