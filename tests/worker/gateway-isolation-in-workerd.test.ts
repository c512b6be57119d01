import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { isSoak } from "../support/campaign.ts";
import { type EnvironmentName, isolatedEnvironments } from "../support/isolation-environments.ts";
import { openInMemory, seed } from "../support/isolation-in-memory.ts";
import { SENT_MARKS } from "../support/isolation-operations.ts";
import {
  attemptsAtHome,
  attemptsElsewhere,
  attemptsToWrite,
  cells,
  isValid,
  observe,
  outcomes,
  type Send,
} from "../support/isolation.ts";

const ENTRY = fileURLToPath(new URL("../support/worker-entries/many-credentials.ts", import.meta.url));

/** A prime: every kind of attempt is in the sample, none by its place in the list. */
const EVERY = isSoak ? 7 : 101;

it("lets in and turns away in workerd as in memory", async () => {
  const environments = isolatedEnvironments(Date.now());
  await using dev = await startGatewayInWorkerd({ config: environments.dev.config, entry: ENTRY });
  await using prod = await startGatewayInWorkerd({ config: environments.prod.config, entry: ENTRY });
  await using preview = await startGatewayInWorkerd({ config: environments["pr-7"].config, entry: ENTRY });
  const gateways = { dev, prod, "pr-7": preview };
  const send: Send = (gateway: EnvironmentName, request) => {
    const { pathname, search } = new URL(request.url);
    return fetch(new Request(`${gateways[gateway].url}${pathname}${search}`, request));
  };
  await seed(environments, send);

  const ofOne = (all: typeof environments) => attemptsAtHome(all).filter(({ of }) => isSoak || of === "pr-7");
  const atHome = await observe(ofOne(environments), send);
  const memory = await openInMemory();
  expect(cells(atHome)).toEqual(cells(await observe(ofOne(memory.environments), memory.send)));

  const elsewhere = await observe(
    attemptsElsewhere(environments).filter((_, index) => index % EVERY === 0),
    send,
  );
  expect(elsewhere.filter((seen) => seen.status !== (isValid(seen) ? 404 : 401))).toEqual([]);
  expect(elsewhere.length).toBeGreaterThan(500);
  const toWrite = await observe(attemptsToWrite(environments), send);
  expect(outcomes(toWrite.filter(({ operation }) => /PUT|DELETE/.test(operation.method)))).toBe("404");

  const refused = [...atHome, ...elsewhere].filter(({ operation }) => operation.method !== "HEAD");
  const bodies = (status: number) =>
    new Set(refused.filter((seen) => seen.status === status).map(({ body }) => body)).size;
  expect([bodies(401), bodies(404)]).toEqual([1, 1]);

  const secrets = Object.values(environments).flatMap((environment) => environment.secrets);
  const lines = Object.values(gateways).flatMap(({ log }) => log);
  const leaks = lines.filter((line) => [...SENT_MARKS, ...secrets].some((mark) => line.includes(mark)));
  expect(leaks).toEqual([]);
  expect(lines.length).toBeGreaterThan(500);
});
