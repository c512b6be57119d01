// The library in Node.js as a process, for tests of the one in Python: a line of JSON in, a line of JSON out.
// Its environment has the variables of an application.
import { createInterface } from "node:readline";

import { z } from "zod";

import { bytes, json, kvFromEnv, text } from "../../src/kv/index.ts";
import { sessionsIn } from "../../src/kv/sessions/index.ts";

const data = z.record(z.string(), z.unknown());
const namespaceFields = {
  namespace: z.string(),
  codec: z.enum(["json", "text", "bytes"]).default("json"),
  splitAboveBytes: z.number().optional(),
  packFromBytes: z.number().optional(),
};
const commandSchema = z.discriminatedUnion("do", [
  z.object({ do: z.literal("encode"), text: z.string() }),
  z.object({
    do: z.literal("put"),
    ...namespaceFields,
    key: z.string(),
    value: z.unknown(),
    metadata: z.unknown().optional(),
    ttlSeconds: z.number().optional(),
  }),
  z.object({ do: z.literal("get"), ...namespaceFields, key: z.string() }),
  z.object({ do: z.literal("save"), id: z.string(), data }),
  z.object({ do: z.literal("load"), id: z.string() }),
  z.object({ do: z.literal("destroy"), id: z.string() }),
]);
type Command = z.infer<typeof commandSchema>;

const SESSION_SECONDS = 600;
const kv = kvFromEnv();

async function answerTo(command: Command): Promise<unknown> {
  const sessions = sessionsIn(kv.strong("sessions"));
  switch (command.do) {
    case "encode":
      return new TextDecoder().decode(json().encode(JSON.parse(command.text)));
    case "put": {
      const { key, value, metadata, ttlSeconds } = command;
      const stored: unknown = command.codec === "bytes" ? Buffer.from(String(value), "base64") : value;
      await namespaceOf(command).put(key, stored, { metadata, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) });
      return null;
    }
    case "get": {
      const entry = await namespaceOf(command).getEntry(command.key);
      if (entry === undefined) return null;
      const { value, metadata = null, expiresAt = null } = entry;
      return {
        value: value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
        metadata,
        expiresAt,
      };
    }
    case "save":
      return (await sessions.save(command.id, command.data, SESSION_SECONDS))?.data ?? null;
    case "load":
      return (await sessions.load(command.id))?.data ?? null;
    case "destroy":
    default:
      await sessions.destroy(command.id);
      return null;
  }
}

function namespaceOf({ namespace, codec, splitAboveBytes, packFromBytes }: Extract<Command, { namespace: string }>) {
  return kv.namespace(namespace, {
    codec: { json, text, bytes }[codec](),
    ...(splitAboveBytes === undefined ? {} : { splitAboveBytes }),
    ...(packFromBytes === undefined ? {} : { packFromBytes }),
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await answerTo(commandSchema.parse(JSON.parse(line)));
  process.stdout.write(`${JSON.stringify({ answer })}\n`);
}
