import { expect, it } from "vitest";

import { findDifferences } from "../../src/flows/reconcile/findings.ts";
import { observe } from "../../src/flows/reconcile/observe.ts";
import { planReconciliation } from "../../src/flows/reconcile/plan.ts";
import { readDeployment } from "../../src/state/deployment.ts";
import { readRecordedObjects } from "../../src/state/objects.ts";
import { emulateVendors } from "../unit/flows/init/emulated-vendors.ts";
import { ACCOUNT, OWNER, SERVICE } from "../unit/flows/init/example-answers.ts";

const NAMES = "shop-eu-dev";
const EVENTUAL = { consistency: "eventual", defaultTtlSeconds: 3600 } as const;

type Emulated = ReturnType<typeof emulateVendors>;

async function post({ env, cloudflare, render }: Emulated, url: string, body: unknown): Promise<void> {
  const [vendor, key] = url.startsWith("https://api.render.com/")
    ? [render, env.RENDER_API_KEY]
    : [cloudflare, env.CLOUDFLARE_API_TOKEN];
  const answer = await vendor.fetch(
    new Request(url, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
  expect([url, answer.ok]).toEqual([url, true]);
}

/** A group, a namespace and a Worker, as an environment of that name makes them. */
async function provision(emulated: Emulated, environment: string): Promise<void> {
  const account = `https://api.cloudflare.com/client/v4/accounts/${ACCOUNT}`;
  const credential = { key: "CLOUDFLARE_KV_CREDENTIAL_ID", value: `${environment}-application-a1` };
  await post(emulated, "https://api.render.com/v1/env-groups", {
    name: `${NAMES}-cloudflare-kv`,
    ownerId: OWNER,
    envVars: [credential],
    serviceIds: [],
  });
  await post(emulated, `${account}/storage/kv/namespaces`, { title: `${NAMES}-cache` });
  await post(emulated, `${account}/workers/workers`, { name: `${NAMES}-gateway` });
}

async function plan(emulated: Emulated, operation: "up" | "destroy") {
  const config = {
    app: "shop-eu",
    access: "gateway",
    namespaces: { cache: EVENTUAL },
    cloudflare: { accountId: ACCOUNT },
    render: { ownerId: OWNER, services: [SERVICE] },
  } as const;
  const recorded = readRecordedObjects(readDeployment({ deployment: {} }));
  const names = {
    environment: "dev",
    config: { ...config, render: { ...config.render, services: [...config.render.services] } },
    recorded,
    neighbours: { known: [], unreadable: [] },
  };
  const observed = await observe(emulated.vendors, names);
  const findings = findDifferences({ ...names, observed, given: [] });
  return planReconciliation(findings, { operation, kind: "development", adopt: true, removeUsed: true });
}

// `eu-dev` of `shop` and `dev` of `shop-eu` give the same names. `up` of the one removed the group of the other and took
// its namespaces and its Worker up; `destroy` removed all of it, data included.
it("are left alone by `up` and `destroy`, which say whose they may be", async () => {
  const emulated = emulateVendors();
  await provision(emulated, "eu-dev");
  const up = await plan(emulated, "up");
  expect({ adopt: up.adopt, remove: up.remove }).toEqual({ adopt: { namespaces: {} }, remove: [] });
  expect(up.refuse.map(({ kind, why }) => [kind, why])).toEqual([
    ["worker", expect.stringContaining("the environment eu-dev")],
    ["namespace", expect.stringContaining("the environment eu-dev")],
  ]);
  expect(up.keep.map(({ kind }) => kind)).toEqual(["group"]);
  const destroy = await plan(emulated, "destroy");
  expect([destroy.remove, destroy.keep.length]).toEqual([[], 3]);
});

it("are taken up and removed as before where they are the environment's own, left by a run that broke off", async () => {
  const emulated = emulateVendors();
  await provision(emulated, "dev");
  const up = await plan(emulated, "up");
  expect(Object.keys(up.adopt.namespaces)).toEqual(["cache"]);
  expect(up.remove.map(({ kind }) => kind)).toEqual(["group"]);
  expect((await plan(emulated, "destroy")).remove.map(({ kind }) => kind)).toEqual(["worker", "namespace", "group"]);
});
