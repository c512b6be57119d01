import { strict as assert } from "node:assert";
import type { ChildProcess } from "node:child_process";

import { z } from "zod";

import type { CallFault } from "../../local-cloud/http/faults.ts";
import type { LocalStage } from "./local-stage.ts";
import { callCloudflare, callRender } from "./vendor-view.ts";

export type FaultName = "429" | "500" | "drop" | "lose-answer" | "kill";

/** One call that changes something at a vendor, without the ids that differ from run to run. */
export interface MutatingCall {
  readonly vendor: "cloudflare" | "render";
  readonly method: string;
  /** The path with `:id` for what a vendor chose. */
  readonly path: string;
  /** How often a run without faults makes it. */
  readonly count: number;
}

const CHOSEN_ID = /(?<=\/)(?!0d3ad0c0ffee4b1da0d3ad0c0ffee4b1)([0-9a-f]{32}|evg-[0-9a-z]+)(?=\/|$)/g;
const MAX_RUNS = 15;

/** Every call that changes something, out of the request logs, so that none can be forgotten. Empties the logs. */
export function drainMutatingCalls({ cloud }: LocalStage): MutatingCall[] {
  const entries = [...cloud.cloudflare.requestLog.drain(), ...cloud.render.requestLog.drain()];
  const calls = new Map<string, MutatingCall>();
  for (const { vendor, method, path } of entries) {
    if (method === "GET" || (vendor !== "cloudflare" && vendor !== "render")) continue;
    const normal = normalised(path);
    const key = `${vendor} ${method} ${normal}`;
    calls.set(key, { vendor, method, path: normal, count: (calls.get(key)?.count ?? 0) + 1 });
  }
  return [...calls.values()];
}

/** Without query, and with `:id` for what a vendor chose. */
function normalised(path: string): string {
  return (path.split("?")[0] ?? "").replaceAll(CHOSEN_ID, ":id");
}

export function titleOf({ method, path }: MutatingCall): string {
  return `${method} ${path.replace(/^\/(client\/v4|v1)/, "")}`;
}

/** Runs the commands of one campaign, with faults that may kill the one that runs. */
export class FaultyRuns {
  readonly #stage: LocalStage;
  readonly #accountId: string;
  #running: ChildProcess | undefined;

  constructor(stage: LocalStage, accountId: string) {
    this.#stage = stage;
    this.#accountId = accountId;
  }

  /** Makes `call` fail `times` times as `fault` says, after `skip` calls that pass. */
  inject({ vendor, method, path }: MutatingCall, fault: FaultName, times: number, skip = 0): { readonly hits: number } {
    const pattern = path.split(":id").map(escapePattern).join("[^/?]+");
    const rule = { method, path: new RegExp(`${pattern}(\\?|$)`), times, skip };
    return this.#stage.cloud[vendor].faults.add({ ...rule, fault: this.#faultOf(fault) });
  }

  /** Makes each call that changes something below `path` fail the first time that it is made. Returns what failed. */
  injectOnce(fault: FaultName, path: RegExp): Set<string> {
    const failed = new Set<string>();
    for (const vendor of ["cloudflare", "render"] as const) {
      const isFirst = (made: { readonly method: string; readonly path: string }): boolean => {
        const call = `${made.method} ${normalised(made.path)}`;
        if (made.method === "GET" || failed.has(call) || !path.test(made.path)) return false;
        failed.add(call);
        return true;
      };
      const rule = { method: "*", path: isFirst, times: Infinity, fault: this.#faultOf(fault) };
      this.#stage.cloud[vendor].faults.add(rule);
    }
    return failed;
  }

  /** Forgets what was to fail. */
  clear(): void {
    this.#stage.cloud.cloudflare.faults.clear();
    this.#stage.cloud.render.faults.clear();
  }

  /**
   * Runs a command until it ends well and returns how often it ran. It needs `--wait`: a killed run leaves the engine
   * at work for a moment, which holds the stack until it notices. Every failure before has to be one that says "run
   * it again", and must leave no group that hands out a credential which does not work.
   */
  async untilDone(...args: readonly string[]): Promise<number> {
    let last = "";
    for (let run = 1; run <= MAX_RUNS; run += 1) {
      const finished = await this.#stage.kvshiftProcess(args, (child) => {
        this.#running = child;
      });
      const works = await handedOutCredentialsWork(this.#stage, this.#accountId);
      assert(works, "a group hands out a credential that Cloudflare refuses");
      if (finished.code === 0) return run;
      // null: killed. 4: a vendor failed before anything was done. 5: partly done.
      assert([null, 4, 5].includes(finished.code), finished.stderr);
      last = finished.stderr;
    }
    throw new Error(`kvshift ${args.join(" ")} did not end well in ${String(MAX_RUNS)} runs:\n${last}`);
  }

  #faultOf(name: FaultName): CallFault {
    const faults: Readonly<Record<FaultName, CallFault>> = {
      "429": { kind: "answer", status: 429, headers: { "Retry-After": "0" } },
      "500": { kind: "answer", status: 500 },
      drop: { kind: "drop" },
      "lose-answer": { kind: "lose-answer" },
      kill: {
        kind: "intercept",
        after: () => {
          this.#running?.kill("SIGKILL");
          return Promise.resolve("lose-answer" as const);
        },
      },
    };
    return faults[name];
  }
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

const tokensSchema = z.object({ result: z.array(z.object({ name: z.string() })) });
const namespacesSchema = z.object({ result: z.array(z.object({ title: z.string() })) });
const workersSchema = z.object({ result: z.array(z.object({ name: z.string() })) });
const groupsSchema = z.array(
  z.object({ id: z.string(), name: z.string(), serviceLinks: z.array(z.object({ id: z.string() })) }),
);
const variablesSchema = z.object({ envVars: z.array(z.object({ key: z.string(), value: z.string() })) });
const verificationSchema = z.object({ result: z.object({ status: z.string() }).nullable() });

/** Everything of one application that exists at the vendors, by name; duplicates show as duplicates. */
export async function existingObjects({ cloud }: LocalStage, accountId: string) {
  const account = `/accounts/${accountId}`;
  const tokens = tokensSchema.parse(await callCloudflare(cloud, "GET", `${account}/tokens?per_page=50`));
  const namespaces = namespacesSchema.parse(
    await callCloudflare(cloud, "GET", `${account}/storage/kv/namespaces?per_page=50`),
  );
  const workers = workersSchema.parse(await callCloudflare(cloud, "GET", `${account}/workers/workers`));
  const groups = groupsSchema.parse(await callRender(cloud, "GET", "/env-groups"));
  return {
    workers: workers.result.map(({ name }) => name).toSorted(),
    tokens: tokens.result
      .map(({ name }) => name)
      .filter((name) => name.startsWith("brainbot-"))
      .toSorted(),
    namespaces: namespaces.result.map(({ title }) => title).toSorted(),
    groups: groups.map(({ name }) => name).toSorted(),
    links: groups.flatMap(({ serviceLinks }) => serviceLinks.map(({ id }) => id)).toSorted(),
  };
}

/** Whether every credential that a group hands out is one that is accepted where the group says. */
async function handedOutCredentialsWork({ cloud }: LocalStage, accountId: string): Promise<boolean> {
  const groups = groupsSchema.parse(await callRender(cloud, "GET", "/env-groups"));
  for (const { id } of groups) {
    const { envVars } = variablesSchema.parse(await callRender(cloud, "GET", `/env-groups/${id}`));
    const valueOf = (name: string) => envVars.find(({ key }) => key === name)?.value;
    const [token, url] = [valueOf("CLOUDFLARE_KV_API_TOKEN"), valueOf("CLOUDFLARE_KV_API_URL")];
    if (token === undefined || url === undefined) continue;
    const response = await fetch(`${url}/accounts/${accountId}/tokens/verify`, {
      headers: { authorization: `Bearer ${token}` },
    });
    // Where nothing answers there is nothing that accepts it.
    const { data } = verificationSchema.safeParse(await response.json().catch(() => undefined));
    if (data?.result?.status !== "active") return false;
  }
  return true;
}
