import { execFileSync } from "node:child_process";

import { expect, it } from "vitest";

import { credentialOf, EVENTUAL, GATEWAY_CONFIG, namespacePath, STRONG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { Load, type Target } from "../../testbed/load.ts";
import { startBareWorker } from "../../testbed/start-bare-worker.ts";
import { isSoak } from "../support/campaign.ts";

/** Half of the connections with which the benchmark finds the throughput. */
const CONNECTIONS = 8;
const REQUESTS_A_PART = isSoak ? 500 : 80;
/** Milliseconds; the short form is three parts, however long they take. */
const DURATION = isSoak ? 5 * 60_000 : 0;
const LEAST_PARTS = 3;
const KEYS = 50;
/** So large that what is written and read is several times the tolerance: a gateway that kept it would be seen. */
const VALUE = Buffer.alloc(512 * 1024, "v");
/** Kilobytes: what two runs of the same Worker may differ by. */
const TOLERANCE = 112 * 1024;

/** Kilobytes. */
function memoryOf(processId: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(processId)], { encoding: "utf8" }).trim());
}

function runtimes(): Set<number> {
  const table = execFileSync("ps", ["-eo", "pid=,ppid=,comm="], { encoding: "utf8" });
  const rows = table.split("\n").map((row) => row.trim().split(/\s+/));
  const own = rows.filter(([, parent, command]) => command === "workerd" && Number(parent) === process.pid);
  return new Set(own.map(([id]) => Number(id)));
}

// The memory of workerd grows for a long time whatever it runs, so it is compared with that of a bare Worker that makes
// the same calls to storage: what the gateway kept of a request would come on top.
it("serves reads and writes of both classes without an error, in the memory that a bare Worker takes for them", async () => {
  await using gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
  const [gatewayId = 0] = runtimes();
  await using bare = await startBareWorker();
  const bareId = [...runtimes()].find((id) => id !== gatewayId) ?? 0;
  const headers = { authorization: `Bearer ${credentialOf("dev-application-a1")}` };
  const targets = [STRONG, EVENTUAL].flatMap(({ consistency, id }): Target[] => {
    const ofGateway = (index: number) => `${gateway.url}${namespacePath(id)}/values/key-${index % KEYS}`;
    // The bare Worker takes the consistency for the id of the namespace.
    const ofBare = (index: number) => `${bare.url}${namespacePath(consistency)}/values/key-${index % KEYS}`;
    return [
      { name: "PUT", method: "PUT", headers, url: (index) => `${ofGateway(index)}?expiration_ttl=3600`, body: VALUE },
      { name: "PUT bare", method: "PUT", headers, url: (index) => `${ofBare(index)}?expiration_ttl=3600`, body: VALUE },
      { name: "GET", method: "GET", headers, url: ofGateway },
      { name: "GET bare", method: "GET", headers, url: ofBare },
    ];
  });
  const loads = targets.map((target) => new Load(target, CONNECTIONS));
  const end = performance.now() + DURATION;
  for (let part = 0; part < LEAST_PARTS || performance.now() < end; part += 1) {
    // A status of 300 and more ends the test.
    for (const load of loads) await load.throughput(REQUESTS_A_PART, CONNECTIONS);
  }
  const memory = { gateway: memoryOf(gatewayId), bare: memoryOf(bareId) };
  expect(memory.bare).toBeGreaterThan(0);
  const isAsSmall = memory.gateway < memory.bare + TOLERANCE;
  expect({ ...memory, isAsSmall }).toEqual({ ...memory, isAsSmall: true });
});
