import { createClient, ErrorReply, RESP_TYPES } from "redis";

import type { Command } from "./command.ts";
import { asUpstashPuts } from "./refused-commands.ts";
import type { Outcome, Reply } from "./reply.ts";

/** Runs commands as they are; errors are in Upstash's words. What is not Redis' own answer rejects: a connection that is lost. */
export interface RedisConnection extends AsyncDisposable {
  /** In order, together in one write; commands of others may come between. */
  pipeline(commands: readonly Command[]): Promise<readonly Outcome[]>;
  /** All in one step or, where Redis discards the transaction, `error` alone. */
  transaction(commands: readonly Command[]): Promise<readonly Outcome[] | { readonly error: string }>;
}

/** One connection. It is never made anew: half a transaction would run on the next one. */
export async function connectRedis(url: string): Promise<RedisConnection> {
  const client = createClient({
    url,
    RESP: 2,
    disableClientInfo: true,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: false },
    commandOptions: {
      typeMapping: {
        [RESP_TYPES.SIMPLE_STRING]: Buffer,
        [RESP_TYPES.BLOB_STRING]: Buffer,
        [RESP_TYPES.NUMBER]: String,
      },
    },
  });
  client.on("error", () => undefined); // Whatever it befalls rejects.
  await client.connect();

  // Sent without a pause in between, so that no other command can come among them.
  const send = (commands: readonly Command[]): Promise<Outcome>[] =>
    commands.map((command) => outcomeOf(client.sendCommand<Reply>(command), command));

  return {
    pipeline: (commands) => Promise.all(send(commands)),
    transaction: async (commands) => {
      const outcomes = await Promise.all(send([["MULTI"], ...commands, ["EXEC"]]));
      const executed = outcomes.at(-1);
      if (executed !== undefined && "reply" in executed && Array.isArray(executed.reply)) {
        return executed.reply.map((reply: Reply) => (reply instanceof Error ? { error: reply.message } : { reply }));
      }
      // The first says why; EXEC only that it was discarded.
      const failed = outcomes.find((outcome) => "error" in outcome);
      return { error: failed?.error ?? "ERR transaction was discarded" };
    },
    [Symbol.asyncDispose]: async () => {
      if (client.isOpen) await client.close();
    },
  };
}

async function outcomeOf(sent: Promise<Reply>, command: Command): Promise<Outcome> {
  try {
    return { reply: await sent };
  } catch (error) {
    if (error instanceof ErrorReply) return { error: asUpstashPuts(error.message, command) };
    throw error;
  }
}
