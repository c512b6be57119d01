import { execFileSync } from "node:child_process";

import { expect, it } from "vitest";

import { Load, type Target } from "../../benchmarks/gateway/load.ts";
import { isSoak } from "../support/campaign.ts";
import { credentialOf, EVENTUAL, GATEWAY_ACCOUNT, GATEWAY_CONFIG, STRONG } from "../support/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../support/gateway-in-workerd.ts";

/** Half of the connections with which the benchmark finds the throughput. */
const CONNECTIONS = 8;
const REQUESTS_A_PART = isSoak ? 500 : 100;
/** Milliseconds; the short form is three parts, however long they take. */
const DURATION = isSoak ? 5 * 60_000 : 0;
const LEAST_PARTS = 3;
const VALUE = Buffer.alloc(1024, "v");

function memoryOf(processId: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(processId)], { encoding: "utf8" }).trim());
}

function workerdOf(parent: number): number {
  const table = execFileSync("ps", ["-eo", "pid=,ppid=,comm="], { encoding: "utf8" });
  const line = table.split("\n").find((row) => row.includes("workerd") && row.split(/\s+/).includes(String(parent)));
  return Number(/\d+/.exec(line ?? "")?.[0]);
}

it("serves reads and writes of both classes without an error and in memory that stays flat", async () => {
  await using gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
  const headers = { authorization: `Bearer ${credentialOf("dev-application-a1")}` };
  const targets: Target[] = [STRONG, EVENTUAL].flatMap(({ name, id }) => {
    const url = (index: number) =>
      `${gateway.url}/client/v4/accounts/${GATEWAY_ACCOUNT}/storage/kv/namespaces/${id}/values/key-${index % 500}`;
    return [
      { name: `PUT ${name}`, method: "PUT", headers, url: (index) => `${url(index)}?expiration_ttl=60`, body: VALUE },
      { name: `GET ${name}`, method: "GET", headers, url },
    ];
  });
  const loads = targets.map((target) => new Load(target, CONNECTIONS));
  const workerd = workerdOf(process.pid);
  const memory: number[] = [];
  const end = performance.now() + DURATION;
  while (memory.length < LEAST_PARTS || performance.now() < end) {
    // A status of 300 and more ends the test.
    for (const load of loads) await load.throughput(REQUESTS_A_PART, CONNECTIONS);
    memory.push(memoryOf(workerd));
  }
  for (const load of loads) load.close();
  // Kilobytes. A third of the way every page that it needs is there.
  const [first = 0] = memory.slice(Math.floor(memory.length / 3));
  expect(memory.at(-1)).toBeLessThan(first * 1.25 + 32_768);
});
