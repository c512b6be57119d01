// What a side of examples/brainbot runs on. Prints the application's variables as one line of JSON, and ends with
// everything that it started when standard input closes.
import { startUpstashStage, upstashVariables } from "../testbed/brainbot/upstash-stage.ts";
import { endWithStarter } from "../src/processes/lifeline.ts";

endWithStarter(process.env);
const upstash = await startUpstashStage();
process.stdout.write(
  `${JSON.stringify(upstashVariables(upstash, { redisUrl: upstash.redis.url, restUrl: upstash.url }))}\n`,
);
for await (const _ of process.stdin);
await upstash[Symbol.asyncDispose]();
