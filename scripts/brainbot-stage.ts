// What a side of examples/brainbot runs on: `before`, a real Redis behind Upstash's REST API; `after`, the namespaces of
// `dev`, provisioned on a local cloud; `gateway`, the same namespaces without provisioning, there in a second. Prints the
// application's variables as one line of JSON, and ends with everything that it started when standard input closes.
import { endWithStarter } from "../src/processes/lifeline.ts";

endWithStarter(process.env);

interface Stage extends AsyncDisposable {
  readonly variables: Readonly<Record<string, string>>;
}

// Each loads what it needs: the other one's takes seconds.
const STAGES: Readonly<Record<string, () => Promise<Stage>>> = {
  before: async () => {
    const { startUpstashStage, upstashVariables } = await import("../testbed/brainbot/upstash-stage.ts");
    const upstash = await startUpstashStage();
    const variables = upstashVariables(upstash, { redisUrl: upstash.redis.url, restUrl: upstash.url });
    return { variables, [Symbol.asyncDispose]: () => upstash[Symbol.asyncDispose]() };
  },
  after: async () => {
    const { startProvisionedStage } = await import("../testbed/brainbot/provisioned-stage.ts");
    const lines: string[] = [];
    return startProvisionedStage((line) => lines.push(line)).catch((error: unknown) => {
      process.stderr.write(`${lines.join("\n")}\n`);
      throw error;
    });
  },
  gateway: async () => {
    const { startGatewayInWorkerd } = await import("../testbed/gateway-in-workerd.ts");
    const { GATEWAY_CONFIG } = await import("../testbed/gateway-fixture.ts");
    const { gatewayVariables } = await import("../testbed/brainbot/gateway-variables.ts");
    const gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
    return { variables: gatewayVariables(gateway.url), [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
  },
};

const [name = ""] = process.argv.slice(2);
const start = STAGES[name];
if (start === undefined) {
  process.stderr.write(`✗ Name a stage: ${Object.keys(STAGES).join(", ")}\n`);
  process.exitCode = 2;
} else {
  await using stage = await start();
  process.stdout.write(`${JSON.stringify(stage.variables)}\n`);
  for await (const _ of process.stdin);
}
