import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { arch, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { createScratch } from "../../local-cloud/scratch.ts";
import { passwordHash } from "../../src/cli/demo/brainbot-account.ts";
import { gatewayVariables } from "../../testbed/brainbot/gateway-variables.ts";
import { startUpstashStage, upstashVariables } from "../../testbed/brainbot/upstash-stage.ts";
import { GATEWAY_CONFIG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { delayed } from "../kv/delayed.ts";
import { chartOf } from "./chart.ts";
import { type Figures, type Load, measure, type World } from "./measure.ts";
import { tableOf, targetsOf, targetTable } from "./report.ts";
import { preparePythons } from "./pythons.ts";
import { startService } from "./sides.ts";

const PEOPLE = 32;
const POPULAR = 50;
const DOCUMENT_BYTES = 1_300_000;
/** Far below what is to be used: what is measured is the storage. Both sides pay the same. */
const PASSWORD_COST = 2 ** 10;
const MODEL_ROUNDS = 1_000;
/** Linux keeps it in memory: https://man7.org/linux/man-pages/man7/shm_overview.7.html */
const IN_MEMORY = "/dev/shm";
const NO_LIMIT = 1_000_000;

/** A far network lets fewer requests into a round. */
const LOADS: readonly (readonly [roundTripMs: number, load: Load])[] = [
  [0, { rounds: 5, actions: 1_200 }],
  [2, { rounds: 5, actions: 1_200 }],
  [20, { rounds: 5, actions: 800 }],
];

export interface BrainbotOptions {
  readonly loads?: typeof LOADS;
  /** Where the chart is written; absent: beside the documents. */
  readonly charts?: string;
}

/**
 * `examples/brainbot` before the migration, on Upstash's REST API in front of a real Redis, and after it, on the gateway in
 * workerd: the same load on both services in turns, with the same round trip added between each and its store.
 */
export async function benchmarkBrainbot({
  loads = LOADS,
  charts = fileURLToPath(new URL("../../docs/images/", import.meta.url)),
}: BrainbotOptions = {}): Promise<{ table: string; data: object }> {
  await using pythons = await preparePythons();
  const { before, after } = pythons.paths;
  await using upstash = await startUpstashStage();
  // Redis keeps everything in memory: what workerd writes to a disk would be the disk's time.
  await using memory = await createScratch(existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir());
  await using gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG, folder: memory.path });
  const world: World = {
    users: Array.from({ length: PEOPLE }, (_, index) => `user-${String(index)}`),
    popular: POPULAR,
    document: Buffer.alloc(DOCUMENT_BYTES, "a page of a document "),
  };
  const figures: Figures[] = [];
  for (const [roundTripMs, load] of loads) {
    await using places = new AsyncDisposableStack();
    const through = async (url: string) => places.use(await delayed(url, roundTripMs)).url;
    const redisUrl = await through(upstash.redis.url);
    const restUrl = await through(upstash.url);
    const gatewayUrl = await through(gateway.url);
    const own = applicationVariables(world);
    const services = [
      places.use(
        await startService({
          side: "before",
          python: before,
          variables: { ...own, ...upstashVariables(upstash, { redisUrl, restUrl }) },
        }),
      ),
      places.use(
        await startService({ side: "after", python: after, variables: { ...own, ...gatewayVariables(gatewayUrl) } }),
      ),
    ];
    figures.push(...(await measure(services, roundTripMs, load, world)));
  }
  const targets = targetsOf(figures);
  const machine = `${process.platform} ${arch()}, ${String(cpus().length)} cores`;
  const date = new Date().toISOString().slice(0, 10);
  const caption = `${date}, npm run bench brainbot, ${machine}`;
  await mkdir(charts, { recursive: true });
  await writeFile(join(charts, "bench-brainbot.svg"), chartOf(figures, caption));
  return {
    table: `${tableOf(figures)}\n${targetTable(targets)}\n${caption}\n`,
    data: { date, machine, figures, targets },
  };
}

function applicationVariables({ users }: World): Readonly<Record<string, string>> {
  const hash = passwordHash(PASSWORD_COST);
  return {
    BRAINBOT_ACCOUNTS: JSON.stringify(Object.fromEntries(users.map((user) => [user, hash]))),
    BRAINBOT_POPULAR_QUESTIONS: JSON.stringify(
      Array.from({ length: POPULAR }, (_, index) => `What is number ${String(index)}?`),
    ),
    BRAINBOT_MODEL_ROUNDS: String(MODEL_ROUNDS),
    BRAINBOT_QUESTIONS_PER_MINUTE: String(NO_LIMIT),
    BRAINBOT_SIGN_INS_PER_MINUTE: String(NO_LIMIT),
  };
}
