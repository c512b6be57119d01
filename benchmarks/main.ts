import { benchmarkBrainbot } from "./brainbot/benchmark.ts";
import { benchmarkGateway } from "./gateway/benchmark.ts";
import { benchmarkKv } from "./kv/benchmark.ts";
import { benchmarkPreviews } from "./pr/benchmark.ts";
import { benchmarkRotate } from "./rotate/benchmark.ts";

const USAGE = `Measures kvshift against what it is compared with, both in one run, and prints ratios.

Usage: npm run bench <name> [-- --json]

  brainbot  examples/brainbot on Upstash Redis, and the same application on KV
  gateway   the gateway in workerd against a bare Worker that makes the same single call to storage
  kv        the library beside node-redis, @upstash/redis, and unstorage's and keyv's drivers of Cloudflare KV
  pr        a preview of a pull request until it is ready, alone and ten at once, against up --deploy
  rotate    a rotation of both roles on the local cloud, without its waits, against one run of up, by step
`;

const BENCHMARKS: Readonly<Record<string, () => Promise<{ readonly table: string; readonly data: object }>>> = {
  brainbot: () => benchmarkBrainbot(),
  gateway: benchmarkGateway,
  kv: benchmarkKv,
  pr: benchmarkPreviews,
  rotate: benchmarkRotate,
};

const [name = "", ...flags] = process.argv.slice(2);
const benchmark = BENCHMARKS[name];
if (name === "--help" || name === "-h") {
  process.stdout.write(USAGE);
} else if (benchmark === undefined || flags.some((flag) => flag !== "--json")) {
  process.stderr.write(`${name === "" ? "Name a benchmark." : `There is no benchmark "${name}".`}\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  const { table, data } = await benchmark();
  process.stdout.write(flags.includes("--json") ? `${JSON.stringify(data)}\n` : table);
}
