import { execFile } from "node:child_process";
import { hostname, userInfo } from "node:os";
import { promisify } from "node:util";

import { z } from "zod";

import type { Actor } from "./record.ts";

type Env = Readonly<Record<string, string | undefined>>;

const AUDIENCE = "kvshift";
const TIMEOUT_MS = 10_000;
const answerSchema = z.object({ value: z.string() });
const claimsSchema = z.object({ sub: z.string().min(1).max(512) });

/**
 * Who runs this: the subject of CI's OIDC token where the workflow may ask for one, else whoever is at the machine, by
 * their own word.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
export async function actorOf(env: Env, ask: typeof fetch = fetch): Promise<Actor> {
  const machine = hostname();
  const subject = await subjectOf(env, ask);
  if (subject !== undefined) return { kind: "ci", name: subject, machine };
  const workflow = [env["GITHUB_REPOSITORY"], env["GITHUB_WORKFLOW_REF"] ?? env["GITHUB_REF"], env["GITHUB_RUN_ID"]];
  const known = workflow.filter((part) => part !== undefined && part !== "");
  if (env["GITHUB_ACTIONS"] === "true" && known.length > 0) return { kind: "operator", name: known.join(" "), machine };
  return { kind: "operator", name: userName(env), machine };
}

async function subjectOf(env: Env, ask: typeof fetch): Promise<string | undefined> {
  const url = env["ACTIONS_ID_TOKEN_REQUEST_URL"];
  const key = env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
  if (url === undefined || key === undefined || !URL.canParse(url)) return undefined;
  const asked = new URL(url);
  asked.searchParams.set("audience", AUDIENCE);
  try {
    const answer = await ask(asked, {
      headers: { authorization: `Bearer ${key}` },
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { value } = answerSchema.parse(await answer.json());
    // It came from its issuer over TLS: nobody else's signature is to be checked here.
    const claims = Buffer.from(value.split(".")[1] ?? "", "base64url").toString();
    return claimsSchema.parse(JSON.parse(claims)).sub;
  } catch {
    return undefined;
  }
}

function userName(env: Env): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that has no name.
    return env["USER"] ?? "unknown";
  }
}

/** The commit of a checkout, with `+` where something of it is not committed; `undefined` where it is none. */
export async function commitOf(folder: string): Promise<string | undefined> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)("git", ["-C", folder, ...args], { timeout: TIMEOUT_MS })).stdout.trim();
  try {
    const [commit, changes] = await Promise.all([
      git("rev-parse", "HEAD"),
      git("status", "--porcelain", "--untracked-files=no"),
    ]);
    return changes === "" ? commit : `${commit}+`;
  } catch {
    return undefined;
  }
}
