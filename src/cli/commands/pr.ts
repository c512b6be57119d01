import { resolve } from "node:path";

import { AppError } from "../../core/app-error.ts";
import { BEFORE_ANY_EXPIRY } from "../../core/clock.ts";
import { previewEnvironment } from "../../core/names.ts";
import { durationOf, minuteOf } from "../../core/times.ts";
import { countsLine } from "../../engine/engine-report.ts";
import { findProject } from "../../engine/project.ts";
import { tellRequest } from "../../flows/pr/comment.ts";
import { commitProblems } from "../../flows/pr/commits.ts";
import { previewDown } from "../../flows/pr/down.ts";
import { requireFacts } from "../../flows/pr/facts.ts";
import { knownPreview, knownPreviews } from "../../flows/pr/stacks.ts";
import { sweep } from "../../flows/pr/sweep.ts";
import { asPreview, readTemplate } from "../../flows/pr/template.ts";
import { previewUp } from "../../flows/pr/up.ts";
import { status } from "../../flows/status/status.ts";
import { defineCommand, type OptionDefinition, YES_OPTION } from "../define-command.ts";
import { renderTable } from "../output.ts";

const PR_OPTION: OptionDefinition = { flags: "--pr <number>", description: "the pull request", required: true };

const COMMENT_OPTION: OptionDefinition = {
  flags: "--comment",
  description: "say it in the request's one comment (GITHUB_TOKEN, GITHUB_REPOSITORY), else in the job's summary",
};

interface UpFlags {
  readonly pr: string;
  readonly sha: string;
  readonly branch?: string;
  readonly service?: readonly string[];
  readonly ttl: string;
  readonly waitForService?: string;
  readonly seed?: string;
  readonly comment?: boolean;
  readonly yes?: boolean;
}

export const prUp = defineCommand<UpFlags>({
  name: "pr up",
  summary:
    "the preview environment of a pull request: created, or brought to its newest commit, and given to its service",
  options: [
    PR_OPTION,
    { flags: "--sha <commit>", description: "the commit that the preview is of", required: true },
    {
      flags: "--branch <name>",
      description: "its branch, by which Render's preview service is found (default: GITHUB_HEAD_REF)",
    },
    { flags: "--service <id...>", description: "Render's preview service, where the branch does not tell it" },
    { flags: "--ttl <duration>", description: "how long the preview lives after this run", default: "7d" },
    { flags: "--wait-for-service <duration>", description: "wait until Render has made the preview service" },
    {
      flags: "--seed <file>",
      description: "fill the namespaces from a fixture: NDJSON of namespace, key, value or base64, metadata, ttl",
    },
    COMMENT_OPTION,
    YES_OPTION,
  ],
  examples: [
    "kvshift pr up --pr 42 --sha 1f0c2a9 --branch new-cart --yes",
    "kvshift pr up --pr 42 --sha 1f0c2a9 --branch new-cart --wait-for-service 10m --yes --json",
    "kvshift pr up --pr 42 --sha 1f0c2a9 --service srv-d0000000000000000009",
  ],
  run: async ({ pr, sha, branch, service = [], ttl, waitForService, seed, comment = false, yes }, context) => {
    const named = branch ?? context.env["GITHUB_HEAD_REF"];
    if (service.length === 0 && !named) {
      throw new AppError("USAGE", {
        problem: "Neither --branch nor --service is given, nor is GITHUB_HEAD_REF set.",
        fix: "Name the branch of the pull request: Render's preview service is found by it.",
      });
    }
    if (named?.startsWith("-") === true) {
      throw new AppError("USAGE", {
        problem: `${named} is no name of a branch: it begins with a hyphen.`,
        fix: "Give the name as git shows it: https://git-scm.com/docs/git-check-ref-format",
      });
    }
    const options = {
      pr: numberOf("--pr", pr),
      sha: shaOf(sha),
      branch: named === "" ? undefined : named,
      services: service,
      ttlMs: spanOf("--ttl", ttl),
      waitMs: waitForService === undefined ? 0 : spanOf("--wait-for-service", waitForService),
      seed: seed === undefined ? undefined : resolve(context.cwd, seed),
      yes,
    };
    const { stack, facts, services, unlinked, report, deploys, seeded } = await previewUp(options, context).catch(
      async (error: unknown) => {
        if (comment && error instanceof AppError) {
          const { code, problem, details } = error;
          const failure = { code, problem, details };
          await tellRequest(
            options.pr,
            { stack: previewEnvironment(options.pr), state: "failed", sha, failure },
            context,
          );
        }
        throw error;
      },
    );
    if (comment) {
      const { expires } = facts;
      const changes = countsLine(report);
      await tellRequest(options.pr, { stack, state: "ready", sha, expires, services, changes }, context);
    }
    context.output.text(`${stack} is ready: ${countsLine(report)}; it lives until ${minuteOf(facts.expires)}`);
    for (const { name, url = "no address" } of services) context.output.text(`  ${name}: ${url}`);
    return {
      stack,
      pr: facts.pr,
      sha,
      expires: facts.expires,
      services,
      unlinked,
      changes: report.counts,
      deploys,
      seeded,
    };
  },
});

export const prDown = defineCommand<{ readonly pr: string; readonly comment?: boolean; readonly yes?: boolean }>({
  name: "pr down",
  summary: "remove the preview environment of a pull request; branch, template and service may be gone",
  options: [PR_OPTION, COMMENT_OPTION, YES_OPTION],
  examples: ["kvshift pr down --pr 42", "kvshift pr down --pr 42 --yes --json"],
  run: async ({ pr, comment = false, yes }, context) => {
    const result = await previewDown(numberOf("--pr", pr), { yes }, context);
    // A request that never had one is told nothing.
    if (comment && result.existed) {
      await tellRequest(numberOf("--pr", pr), { stack: result.stack, state: "removed" }, context);
    }
    context.output.text(result.existed ? `${result.stack} is removed` : `${result.stack}: there is nothing to remove`);
    return result;
  },
});

export const prList = defineCommand<Record<string, never>>({
  name: "pr list",
  summary: "every preview environment that the state backend knows",
  options: [],
  examples: ["kvshift pr list", "kvshift pr list --json"],
  run: async (_flags, context) => {
    const { previews } = await knownPreviews(context);
    const rows = previews.map(({ name, facts }) =>
      facts === undefined
        ? [name, "unknown", "", "", "", ""]
        : [name, facts.branch, facts.sha.slice(0, 8), minuteOf(facts.created), minuteOf(facts.expires), facts.by],
    );
    context.output.text(
      rows.length === 0
        ? "No preview environments."
        : renderTable(["STACK", "BRANCH", "COMMIT", "CREATED", "EXPIRES", "BY"], rows),
    );
    return { previews: previews.map(({ name, pr, facts }) => ({ stack: name, pr, ...facts })) };
  },
});

export const prStatus = defineCommand<{ readonly pr: string }>({
  name: "pr status",
  summary: "whether the preview of a pull request is as it should be; ends with 3 where something needs attention",
  options: [PR_OPTION],
  examples: ["kvshift pr status --pr 42", "kvshift pr status --pr 42 --json"],
  run: async ({ pr }, context) => {
    const number = numberOf("--pr", pr);
    const known = await knownPreview(number, context);
    const name = previewEnvironment(number);
    if (known === undefined) {
      throw new AppError("STACK_NOT_FOUND", {
        problem: `There is no preview ${name}.`,
        fix: `Make it with \`kvshift pr up --pr ${pr}\`; \`kvshift pr list\` shows those that there are.`,
      });
    }
    const facts = requireFacts(name, known.tags);
    const template = await readTemplate(await findProject(context.cwd), name, BEFORE_ANY_EXPIRY);
    const file = asPreview(template, name, facts, BEFORE_ANY_EXPIRY);
    const judged = await status(name, context, file);
    const { services } = judged;
    const problems = [...judged.problems, ...commitProblems(services, facts.sha)];
    context.output.text(`${name}: ${facts.branch} at ${facts.sha}, until ${minuteOf(facts.expires)}`);
    for (const service of services) {
      const { id, name: shown = id, state, commit } = service;
      context.output.text(`  ${shown}: ${state}${commit === undefined ? "" : `, at commit ${commit}`}`);
    }
    if (problems.length === 0) return { stack: name, ...facts, services, problems };
    throw new AppError("ATTENTION_NEEDED", {
      problem: `${name}: ${String(problems.length)} thing(s) need attention.`,
      details: problems.map(({ what, fix }) => `${what} ${fix}`),
      fix: `\`kvshift pr up --pr ${pr}\` brings the preview to what it should be.`,
      data: { stack: name, ...facts, services, problems },
    });
  },
});

interface SweepFlags {
  readonly open?: string;
  readonly minAge: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export const prSweep = defineCommand<SweepFlags>({
  name: "pr sweep",
  summary: "remove previews of closed requests, previews whose time is over, and what previews left at the vendors",
  options: [
    {
      flags: "--open <numbers>",
      description:
        "the requests that are open, as 1,2,3 or none (default: asked of GitHub where GITHUB_TOKEN is set; else only what has expired goes)",
    },
    { flags: "--min-age <duration>", description: "how old an object that no stack knows has to be", default: "1h" },
    { flags: "--dry-run", description: "show what would go, and why; change nothing" },
    YES_OPTION,
  ],
  examples: ["kvshift pr sweep --open 41,42 --dry-run", "kvshift pr sweep --open 41,42 --yes --json"],
  run: async ({ open, minAge, dryRun = false, yes }, context) => {
    const result = await sweep(
      { open: open === undefined ? undefined : numbersOf(open), minAgeMs: spanOf("--min-age", minAge), dryRun, yes },
      context,
    );
    const rows = [
      ...result.stacks.map(({ stack, why }) => ["stack", stack, why]),
      ...result.orphans.map(({ kind, name, why }) => [kind, name, why]),
    ];
    const { output } = context;
    if (rows.length === 0) output.text("Nothing to sweep.");
    else output.text(renderTable([dryRun ? "WOULD GO" : "GONE", "NAME", "WHY"], rows));
    return result;
  },
});

function numberOf(flag: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new AppError("USAGE", {
    problem: `${flag} takes the number of a pull request, not ${JSON.stringify(text)}.`,
    fix: "Write it as the address of the request ends: 42.",
  });
}

function numbersOf(text: string): number[] {
  // Never an empty text: that is what a command prints that failed.
  return text === "none" ? [] : text.split(",").map((part) => numberOf("--open", part.trim()));
}

function shaOf(text: string): string {
  if (/^[0-9a-f]{7,64}$/.test(text)) return text;
  throw new AppError("USAGE", {
    problem: `--sha takes a commit of 7 to 64 hexadecimal digits, not ${JSON.stringify(text)}.`,
    fix: "Write what `git rev-parse HEAD` prints.",
  });
}

function spanOf(flag: string, text: string): number {
  const milliseconds = durationOf(text);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  throw new AppError("USAGE", {
    problem: `${flag} takes a duration, not ${JSON.stringify(text)}.`,
    fix: "Write a number with s, m, h or d, like 7d.",
  });
}
