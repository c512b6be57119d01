import { z } from "zod";

import { proof } from "./step-runner.ts";

const meSchema = z.object({ user: z.string() });
const greetingSchema = z.object({ greeting: z.string(), from: z.enum(["cache", "origin"]) });

/** Signs a person in at the example application and asks it, with the cookie it gave, who that is. */
export async function signIn(url: string, user: string): Promise<void> {
  const login = await fetch(`${url}/login`, { method: "POST", body: JSON.stringify({ user }) });
  proof(login.status === 200, "the application signs a person in", `status ${String(login.status)}`);
  const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
  const me = await fetch(`${url}/me`, { headers: { cookie } });
  const known = meSchema.safeParse(await me.json());
  proof(known.data?.user === user, "the session is read back from KV", `status ${String(me.status)}`);
  const stranger = await fetch(`${url}/me`);
  proof(stranger.status === 401, "nobody is signed in without a session", `status ${String(stranger.status)}`);
}

/** Asks twice for a value that the application caches: the second answer comes from KV and is the first one. */
export async function readCachedValue(url: string): Promise<void> {
  const answers = [await fetch(`${url}/greeting`), await fetch(`${url}/greeting`)];
  const [first, second] = await Promise.all(answers.map(async (answer) => greetingSchema.parse(await answer.json())));
  proof(first?.from === "origin", "the first answer is computed", first?.from ?? "nothing");
  proof(
    second?.from === "cache" && second.greeting === first?.greeting,
    "the second is the cached one",
    second?.from ?? "nothing",
  );
}

const exchangeSchema = z.object({ question: z.string(), answer: z.string() });
const conversationSchema = z.object({ messages: z.array(exchangeSchema) });

/** Asks brainbot a question as a person who signed in, reads the conversation back, and signs out. */
export async function converse(url: string, user: string, password: string): Promise<void> {
  const json = { "content-type": "application/json" };
  const signedIn = await fetch(`${url}/session`, {
    method: "POST",
    headers: json,
    body: JSON.stringify({ user, password }),
  });
  proof(signedIn.status === 200, "brainbot signs a person in", `status ${String(signedIn.status)}`);
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  const asked = await fetch(`${url}/conversations/demo`, {
    method: "POST",
    headers: { ...json, cookie },
    body: JSON.stringify({ question: "What is a session?" }),
  });
  const exchange = exchangeSchema.safeParse(await asked.json());
  proof(exchange.success, "it answers a question", `status ${String(asked.status)}`);
  const read = await fetch(`${url}/conversations/demo`, { headers: { cookie } });
  const kept = conversationSchema.safeParse(await read.json()).data?.messages.map(({ answer }) => answer);
  proof(kept?.join() === exchange.data?.answer, "the session keeps the conversation", `status ${String(read.status)}`);
  const signedOut = await fetch(`${url}/session`, { method: "DELETE", headers: { cookie } });
  proof(signedOut.status === 204, "it signs the person out", `status ${String(signedOut.status)}`);
  const after = await fetch(`${url}/me`, { headers: { cookie } });
  proof(after.status === 401, "a session that was ended is refused at once", `status ${String(after.status)}`);
}

const variablesSchema = z.object({
  CLOUDFLARE_KV_API_URL: z.string(),
  CLOUDFLARE_KV_ACCOUNT_ID: z.string(),
  CLOUDFLARE_KV_API_TOKEN: z.string(),
  CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS: z.string(),
});
const refusalSchema = z.object({ errors: z.array(z.object({ code: z.number() })) });

/** Tries the credential of the environment group on what it opens and on what it does not. */
export async function reachNothingElse(variables: unknown): Promise<void> {
  const env = variablesSchema.parse(variables);
  const account = `${env.CLOUDFLARE_KV_API_URL}/accounts/${env.CLOUDFLARE_KV_ACCOUNT_ID}`;
  const namespaces = `${account}/storage/kv/namespaces`;
  const own = `${namespaces}/${env.CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS}/keys`;
  const usage = env.CLOUDFLARE_KV_API_URL.replace(/\/client\/v4$/, "/kvshift/v1/usage");
  const cases = [
    { claim: "the credential opens its own namespace", url: own, expected: "200" },
    { claim: "it opens no other namespace", url: `${namespaces}/${"0".repeat(32)}/keys`, expected: "404 10013" },
    { claim: "it reads no evidence, which is the operator's", url: usage, expected: "404 10013" },
    { claim: "nothing opens without it", url: own, token: "none", expected: "401 10000" },
  ];
  for (const { claim, url, token = env.CLOUDFLARE_KV_API_TOKEN, expected } of cases) {
    const found = await ask(url, token);
    proof(found === expected, claim, found);
  }
}

/** Status and codes of the answer. */
async function ask(url: string, token: string): Promise<string> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const refusal = refusalSchema.safeParse(await answer.json());
  return [answer.status, ...(refusal.data?.errors.map(({ code }) => code) ?? [])].join(" ");
}
