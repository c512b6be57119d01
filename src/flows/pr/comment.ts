import { appendFile } from "node:fs/promises";

import { AppError } from "../../core/app-error.ts";
import type { RunContext } from "../../core/run-context.ts";
import { minuteOf } from "../../core/times.ts";
import { connectGithub, hasGithub } from "../../vendors/github.ts";

/** Begins the one comment of a request; invisible where it is shown. */
export const MARKER = "<!-- kvshift preview -->";
/** GitHub takes 65,536: https://docs.github.com/en/rest/issues/comments */
const MAX_CHARACTERS = 60_000;

export interface PreviewNews {
  readonly stack: string;
  readonly state: "ready" | "failed" | "removed";
  readonly sha?: string;
  readonly expires?: string;
  readonly services?: readonly {
    readonly name: string;
    readonly url: string | undefined;
    readonly commit?: string | undefined;
  }[];
  /** Of the plan, in one line. */
  readonly changes?: string;
  /** Of a failure: the code, what it says, and what to do. */
  readonly failure?: { readonly code: string; readonly problem: string; readonly details: readonly string[] };
}

/** What a request's comment says, as Markdown. Names, addresses and counts; no value of a variable. Pure. */
export function commentOf({ stack, state, sha, expires, services = [], changes, failure }: PreviewNews): string {
  const rows = [
    ...services.map(({ name, url, commit }) => [
      "Service",
      `${cell(name)}${url === undefined ? "" : `: ${cell(url)}`}${commit === undefined ? "" : `, at commit ${cell(commit)}`}`,
    ]),
    ...(sha === undefined ? [] : [["Commit", cell(sha)]]),
    ...(changes === undefined ? [] : [["Changes", cell(changes)]]),
    ...(state === "ready" ? [["Policies", "all hold"]] : []),
    ...(state === "ready" ? [["Cost", "none of its own; requests and storage count in the account's plan"]] : []),
    ...(expires === undefined ? [] : [["Lives until", minuteOf(expires)]]),
  ];
  const lines = [
    MARKER,
    `### Preview ${stack}: ${state}`,
    "",
    ...(rows.length === 0 ? [] : ["| | |", "|---|---|", ...rows.map((row) => `| ${row.join(" | ")} |`), ""]),
    ...(failure === undefined
      ? []
      : [`**${failure.code}** ${inline(failure.problem)}`, "", ...failure.details.map((line) => `- ${inline(line)}`)]),
  ];
  const text = lines.join("\n").trimEnd();
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}\n…`;
}

/**
 * Tells a pull request how its preview is: in its one comment, else, where GitHub refuses that or is not known, in the
 * summary of the job. Never fails the run: the preview is what it is.
 */
export async function tellRequest(pr: number, news: PreviewNews, { env, emit }: RunContext): Promise<void> {
  const body = commentOf(news);
  if (hasGithub(env)) {
    try {
      const github = await connectGithub(env, (seconds) => {
        emit({ type: "warning", text: `GitHub asks for a pause of ${String(seconds)} s.` });
      });
      await github.writeComment(pr, MARKER, body);
      return;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      emit({ type: "warning", text: `${error.problem} ${error.details.join("; ")} ${error.fix}` });
    }
  } else emit({ type: "warning", text: "GITHUB_TOKEN or GITHUB_REPOSITORY is not set: there is no comment." });
  const summary = env["GITHUB_STEP_SUMMARY"];
  if (summary !== undefined && summary !== "") await appendFile(summary, `${body}\n\n`);
}

/** Text from elsewhere must not end its cell, mention people or become a link or HTML. */
function cell(text: string): string {
  return inline(text).replaceAll("|", String.raw`\|`);
}

function inline(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("@", "@\u200B")
    .replaceAll(/([\\`[\]*_~])/g, String.raw`\$1`);
}
