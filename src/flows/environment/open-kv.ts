import { credentialId } from "../../core/names.ts";
import { pause, type RunContext } from "../../core/run-context.ts";
import { variablesOf } from "../../state/outputs.ts";
import { connectKv, type KvAccess, type KvAccessOptions } from "../../vendors/kv-access.ts";
import type { OpenEnvironment } from "./open-environment.ts";

type WithKv = Pick<OpenEnvironment, "name" | "config" | "session">;

/** An environment's KV as the holder of a credential; `undefined` where its secret is in no state. */
export async function kvAs(
  { config, session }: WithKv,
  credential: string,
  { signal }: Pick<RunContext, "signal">,
  options: Pick<KvAccessOptions, "repeats"> = {},
): Promise<KvAccess | undefined> {
  const secret = (await session.credentialSecrets()).get(credential);
  const outputs = await session.outputs();
  // Before a run has ended well nobody was told where the KV is.
  if (secret === undefined || outputs["variables"] === undefined) return undefined;
  const apiUrl = variablesOf(outputs).plain["CLOUDFLARE_KV_API_URL"];
  if (apiUrl === undefined) return undefined;
  return connectKv({ apiUrl, accountId: config.cloudflare.accountId, secret, fetch, sleep: pause, signal, ...options });
}

/** The same as the operator, with the credential that is handed out now. */
export async function kvAsOperator(
  environment: WithKv,
  run: Pick<RunContext, "signal">,
): Promise<KvAccess | undefined> {
  const { active, slots } = environment.config.credentials.operator;
  return kvAs(environment, credentialId(environment.name, "operator", active, slots[active].epoch), run);
}
