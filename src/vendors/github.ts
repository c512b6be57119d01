import { isLoopback } from "../config/formats.ts";
import { AppError } from "../core/app-error.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What kvshift asks of https://docs.github.com/en/rest about one repository. */
export interface Github {
  /** Numbers of the open pull requests, all pages. */
  openRequests(): Promise<number[]>;
  /** Whether a request is open right now; `undefined` where the repository has none of that number. */
  isOpen(request: number): Promise<boolean | undefined>;
  /**
   * Writes the one comment of a request that begins with `marker`: in place where it is there, else a new one. Only what
   * the token's own user wrote counts, and with the token of a workflow what github-actions[bot] wrote: anybody else's
   * could begin alike.
   */
  writeComment(request: number, marker: string, body: string): Promise<void>;
}

const DEFAULT_URL = "https://api.github.com";
const PER_PAGE = 100;
/** https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/ */
const APP_TOKEN = "ghs_";
/** Who writes with it: https://docs.github.com/en/actions/concepts/security/github_token */
const WORKFLOW_BOT = "github-actions[bot]";
const MAX_REPEATS = 2;
const LONGEST_PAUSE_SECONDS = 120;
/** Before the first repeat; four and nine times as long before the next two. */
const BACKOFF_MS = 1000;

/** The variables of GitHub Actions that say where GitHub is, and who asks. */
export function hasGithub(env: Env): boolean {
  return Boolean(env["GITHUB_TOKEN"] && env["GITHUB_REPOSITORY"]);
}

/**
 * GitHub with the token of a workflow. `backoffMs`: how long to wait before the first repeat. Waits where GitHub says so, and repeats what may be repeated. Every call throws
 * AppError VENDOR_FAILED where GitHub refuses or fails.
 *
 * @throws AppError USAGE where the variables name no repository, or an address to which no token may go
 */
export async function connectGithub(
  env: Env,
  onPause: (seconds: number) => void,
  backoffMs = BACKOFF_MS,
): Promise<Github> {
  const [owner = "", repo = ""] = (env["GITHUB_REPOSITORY"] ?? "").split("/");
  const baseUrl = env["GITHUB_API_URL"] || DEFAULT_URL;
  if (owner === "" || repo === "" || !(baseUrl.startsWith("https://") || isLoopback(baseUrl))) {
    throw new AppError("USAGE", {
      problem: "GITHUB_REPOSITORY is no owner/name, or GITHUB_API_URL no https address.",
      fix: "In a workflow of GitHub both are set; elsewhere set GITHUB_REPOSITORY, and GITHUB_API_URL for a server of your own.",
    });
  }
  const Client = await loadClient();
  const wait = (seconds: number, _options: unknown, _client: unknown, repeats: number): boolean => {
    // The limit of an hour that is used up would hold a job until its own end.
    if (seconds > LONGEST_PAUSE_SECONDS || repeats >= MAX_REPEATS) return false;
    onPause(seconds);
    return true;
  };
  const client = new Client({
    auth: env["GITHUB_TOKEN"],
    baseUrl,
    retry: { retryAfterBaseValue: backoffMs },
    throttle: { onRateLimit: wait, onSecondaryRateLimit: wait },
    // What failed is told by us, once.
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  });
  const place = { owner, repo };
  const isApp = env["GITHUB_TOKEN"]?.startsWith(APP_TOKEN) === true;
  // A workflow's token may not ask who it is.
  const ownLogin = async (): Promise<string> => (isApp ? WORKFLOW_BOT : (await client.request("GET /user")).data.login);
  return {
    openRequests: () =>
      explained("list the open pull requests", async () => {
        const path = "GET /repos/{owner}/{repo}/pulls";
        const found = await client.paginate(path, { ...place, state: "open", per_page: PER_PAGE });
        return found.map(({ number }) => number);
      }),
    isOpen: (request) =>
      explained("say whether a pull request is open", async () => {
        const path = "GET /repos/{owner}/{repo}/pulls/{pull_number}";
        try {
          const { data } = await client.request(path, { ...place, pull_number: request });
          return data.state === "open";
        } catch (error) {
          if (statusOf(error) === 404) return undefined;
          throw error;
        }
      }),
    writeComment: (request, marker, body) =>
      explained("write the comment of the pull request", async () => {
        const path = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
        const all = await client.paginate(path, { ...place, issue_number: request, per_page: PER_PAGE });
        const marked = all.filter(({ body: text }) => text?.startsWith(marker) === true);
        const login = marked.length === 0 ? undefined : await ownLogin();
        const own = marked.find(({ user }) => user?.login === login);
        if (own === undefined) {
          await client.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
            ...place,
            issue_number: request,
            body,
          });
          return;
        }
        const edit = "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}";
        await client.request(edit, { ...place, comment_id: own.id, body });
      }),
  };
}

/** Loaded here: it takes as long as a short command takes in all, and most commands do without. */
async function loadClient() {
  const [{ Octokit }, { paginateRest }, { retry }, { throttling }] = await Promise.all([
    import("@octokit/core"),
    import("@octokit/plugin-paginate-rest"),
    import("@octokit/plugin-retry"),
    import("@octokit/plugin-throttling"),
  ]);
  return Octokit.plugin(paginateRest, retry, throttling);
}

function ignore(): void {
  // Octokit's own messages repeat what the error says.
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "status" in error ? Number(error.status) : undefined;
}

async function explained<Result>(what: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    const status = statusOf(error);
    throw new AppError("VENDOR_FAILED", {
      problem: `GitHub did not ${what}.`,
      details: [status === undefined ? "there was no answer" : `HTTP ${String(status)}`],
      fix:
        status === 401 || status === 403 || status === 404
          ? "Give the workflow's token `pull-requests: write` (comments) or `pull-requests: read` (the list), and check GITHUB_REPOSITORY."
          : "See whether GitHub has an incident, then run it again.",
      retryable: status === undefined || status >= 500 || status === 429,
      // Never its request, which holds the token.
      cause: undefined,
    });
  }
}
