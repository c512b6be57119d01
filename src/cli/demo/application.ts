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
