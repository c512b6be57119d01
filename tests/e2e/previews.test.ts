import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { createGithubEmulator, type GithubEmulator } from "../../local-cloud/github/emulator.ts";
import { listen, type Listening } from "../../local-cloud/http/listen.ts";
import { systemSleep } from "../../local-cloud/system-sleep.ts";
import { systemRandom } from "../../src/core/random.ts";
import { MARKER } from "../../src/flows/pr/comment.ts";
import { jsonOf } from "../support/kvshift.ts";
import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { callCloudflare, callRender, drainWrites, environmentGroup, previewObjects } from "../support/vendor-view.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const PARENT = "srv-d0000000000000000001";
/** Of no environment while a test says so. */
const SECOND_PARENT = "srv-p0000000000000000002";
const ACCOUNT = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b3";
const SHA = "1f0c2a9";
const REQUESTS = [
  { pr: 41, id: "srv-d0000000000000000041", branch: "new-cart" },
  { pr: 42, id: "srv-d0000000000000000042", branch: "faster-login" },
  { pr: 43, id: "srv-d0000000000000000043", branch: "typo" },
] as const;
type Request = (typeof REQUESTS)[number];

let stage: LocalStage;
let github: GithubEmulator;
let hosted: Listening;
/** What a job of GitHub Actions has beside the vendors. */
let job: Readonly<Record<string, string>>;

const up = ({ pr, branch }: Request, ...args: string[]) =>
  stage.kvshiftJson("pr", "up", "--pr", String(pr), "--sha", SHA, "--branch", branch, "--yes", ...args);
const refusalOf = ({ code, stderr }: { readonly code: number | null; readonly stderr: string }) => ({
  code,
  error: /\[([A-Z_]+)\]/.exec(stderr)?.[1],
});
const tokenOf = (id: string) => stage.cloud.render.effectiveEnv(id)["CLOUDFLARE_KV_API_TOKEN"] ?? "";

describe("previews of pull requests", () => {
  beforeAll(async () => {
    stage = await createLocalStage({}, { clock: "system", access: "gateway", timeScale: 600 });
    github = createGithubEmulator({ repository: "acme/shop", random: systemRandom, sleep: systemSleep });
    hosted = await listen(github.fetch);
    job = {
      ...stage.env,
      GITHUB_API_URL: hosted.url,
      GITHUB_REPOSITORY: "acme/shop",
      GITHUB_TOKEN: github.token.reveal(),
      GITHUB_STEP_SUMMARY: join(stage.folder, "summary.md"),
    };
    await stage.kvshiftJson("up", "--stack", "dev", "--yes", "--deploy");
    for (const { pr, id, branch } of REQUESTS) {
      await stage.cloud.render.openPreview({ id, parentId: PARENT, branch, pullRequest: pr });
    }
    drainWrites(stage.cloud);
  });
  afterAll(async () => {
    await hosted.close();
    await stage[Symbol.asyncDispose]();
  });

  it("gives each of three requests at once what is its own, and writes nothing foreign but the recorded unlink", async () => {
    const results = await Promise.all(REQUESTS.map((request) => up(request)));
    const dev = await environmentGroup(stage.cloud, "dev");
    const unlinks = REQUESTS.map(({ id }) => `DELETE /v1/env-groups/${dev.id}/services/${id}`);
    const foreign = drainWrites(stage.cloud).filter((call) => call.includes(dev.id) || call.includes(PARENT));
    expect(foreign.toSorted()).toEqual(unlinks.toSorted());
    for (const [index, { id, pr }] of REQUESTS.entries()) {
      expect(results[index]).toMatchObject({
        stack: `pr-${String(pr)}`,
        unlinked: [{ groupId: dev.id, serviceId: id }],
      });
      const variables = stage.cloud.render.effectiveEnv(id);
      expect(variables["CLOUDFLARE_KV_CREDENTIAL_ID"]).toBe(`pr-${String(pr)}-application-a1`);
      expect(Object.keys(variables).filter((key) => key.startsWith("UPSTASH_"))).toEqual([]);
      const { ok } = await fetch(`${stage.cloud.urlOf(id) ?? ""}/healthz`);
      expect(ok).toBe(true);
    }
    expect(stage.cloud.render.effectiveEnv(PARENT)["CLOUDFLARE_KV_CREDENTIAL_ID"]).toBe("dev-application-a1");
  });

  it("refuses the credential of each preview on every other one's gateway and namespaces, and on those of dev", async () => {
    const holders = [PARENT, ...REQUESTS.map(({ id }) => id)];
    for (const holder of holders) {
      for (const other of holders) {
        const theirs = stage.cloud.render.effectiveEnv(other);
        const base = `${theirs["CLOUDFLARE_KV_API_URL"] ?? ""}/accounts/${theirs["CLOUDFLARE_KV_ACCOUNT_ID"] ?? ""}`;
        const url = `${base}/storage/kv/namespaces/${theirs["CLOUDFLARE_KV_NAMESPACE_ID_CACHE"] ?? ""}/values/none`;
        const { status } = await fetch(url, { headers: { authorization: `Bearer ${tokenOf(holder)}` } });
        expect({ holder, other, status }).toEqual({ holder, other, status: holder === other ? 404 : 401 });
      }
    }
  });

  it("changes nothing but the commit and the expiry at a push that changes no configuration, and lists it", async () => {
    const build = (commitId: string) =>
      callRender(stage.cloud, "POST", `/services/${REQUESTS[0].id}/deploys`, { commitId });
    const pushed = "5f0c2a9".padEnd(40, "0");
    await build(pushed);
    const push = ["pr", "up", "--pr", "41", "--sha", pushed, "--branch", REQUESTS[0].branch, "--yes"];
    const result = await stage.kvshiftJson(...push);
    expect(result).toMatchObject({ unlinked: [], deploys: { deployed: [] }, services: [{ commit: pushed }] });
    const { previews } = await stage.kvshiftJson("pr", "list");
    expect(previews).toMatchObject([{ pr: 41, branch: "new-cart", sha: pushed }, { pr: 42 }, { pr: 43 }]);
    expect(await stage.kvshiftJson("pr", "status", "--pr", "41")).toMatchObject({ problems: [] });
    await build(SHA.padEnd(40, "0"));
  });

  // https://github.com/render-oss/terraform-provider-render/issues/43 and /31
  it("links one more service without detaching the first, and each runs with its variables from a deploy after its link", async () => {
    const { pr, id } = REQUESTS[2];
    const second = "srv-d0000000000000000044";
    await stage.edit("prod", [`      - ${SECOND_PARENT}\n`, ""]);
    await stage.cloud.render.openPreview({ id: second, parentId: SECOND_PARENT, branch: "typo", pullRequest: pr });
    const template = join(stage.project, "Pulumi.preview.yaml");
    const text = await readFile(template, "utf8");
    await writeFile(template, text.replace(`- ${PARENT}`, `- ${PARENT}\n      - ${SECOND_PARENT}`));
    drainWrites(stage.cloud);
    await up(REQUESTS[2]);
    const writes = drainWrites(stage.cloud);
    const { id: group } = await environmentGroup(stage.cloud, `pr-${String(pr)}`);
    expect(writes.filter((call) => call.startsWith("DELETE ") && call.includes(group))).toEqual([]);
    const order = [`POST /v1/env-groups/${group}/services/${second}`, `POST /v1/services/${second}/deploys`];
    expect(writes.filter((call) => order.includes(call))).toEqual(order);
    for (const one of [id, second]) {
      expect(stage.cloud.render.effectiveEnv(one)["CLOUDFLARE_KV_CREDENTIAL_ID"]).toBe("pr-43-application-a1");
      expect((await fetch(`${stage.cloud.urlOf(one) ?? ""}/healthz`)).ok).toBe(true);
    }
    await stage.cloud.render.closePreview(second);
    await stage.restore("Pulumi.preview.yaml");
    await stage.restore("Pulumi.prod.yaml");
    await up(REQUESTS[2]);
  });

  it("leaves dev as it should be: its status has nothing to say about previews", async () => {
    expect(await stage.kvshiftJson("status", "--stack", "dev")).toMatchObject({ problems: [] });
  });

  it("fills the namespaces from a fixture once, which the application reads with its own credential", async () => {
    const fixture = join(stage.folder, "fixtures.ndjson");
    const cached = {
      namespace: "cache",
      key: "greeting",
      value: "hello from a fixture",
      ttl: 3600,
      metadata: { made: 1 },
    };
    const session = { namespace: "sessions", key: "s1", base64: Buffer.from([0, 255, 1]).toString("base64") };
    await writeFile(fixture, `${JSON.stringify(cached)}\n${JSON.stringify(session)}\n`);
    expect(await up(REQUESTS[0], "--seed", fixture)).toMatchObject({ seeded: 2 });
    const again = await up(REQUESTS[0], "--seed", fixture);
    expect(again).not.toHaveProperty("seeded");
    const variables = stage.cloud.render.effectiveEnv(REQUESTS[0].id);
    const base = `${variables["CLOUDFLARE_KV_API_URL"] ?? ""}/accounts/${ACCOUNT}/storage/kv/namespaces`;
    const read = async (namespace: string, key: string) => {
      const url = `${base}/${variables[`CLOUDFLARE_KV_NAMESPACE_ID_${namespace}`] ?? ""}/values/${key}`;
      return fetch(url, { headers: { authorization: `Bearer ${tokenOf(REQUESTS[0].id)}` } });
    };
    expect(await (await read("CACHE", "greeting")).text()).toBe("hello from a fixture");
    expect(new Uint8Array(await (await read("SESSIONS", "s1")).arrayBuffer())).toEqual(Uint8Array.of(0, 255, 1));
    const production = await stage.kvshift(
      "pr",
      "up",
      "--pr",
      "41",
      "--sha",
      SHA,
      "--branch",
      "new-cart",
      "--seed",
      "prod",
    );
    expect(refusalOf(production)).toEqual({ code: 3, error: "PREVIEW_REFUSED" });
  });

  it("keeps one comment for each request, found behind two pages of others, and falls back to the job's summary", async () => {
    const { pr, branch } = REQUESTS[1];
    for (let talk = 0; talk < 210; talk += 1) github.comment(pr, `${MARKER.slice(0, -4)} talk ${String(talk)}`);
    const args = ["pr", "up", "--pr", String(pr), "--sha", "2e0d3b8", "--branch", branch, "--comment", "--yes"];
    expect((await stage.kvshiftWith(job, ...args)).code).toBe(0);
    github.comment(pr, "thanks");
    const failing = args.map((arg) => (arg === branch ? "nowhere" : arg));
    expect(refusalOf(await stage.kvshiftWith(job, ...failing))).toMatchObject({ error: "PREVIEW_SERVICE_UNCLEAR" });
    const own = github.commentsOf(pr).filter(({ body }) => body.startsWith(MARKER));
    expect(own).toHaveLength(1);
    expect(own[0]?.body).toContain("Preview pr-42: failed");
    const secrets = REQUESTS.map(({ id }) => tokenOf(id));
    expect(secrets.some((secret) => JSON.stringify(github.commentsOf(pr)).includes(secret))).toBe(false);
    github.faults.add({ method: "*", path: /comments/, times: 9, fault: { kind: "answer", status: 403 } });
    expect(refusalOf(await stage.kvshiftWith(job, ...failing))).toMatchObject({ code: 3 });
    github.faults.clear();
    expect(await readFile(join(stage.folder, "summary.md"), "utf8")).toContain("Preview pr-42: failed");
  });

  it("removes a preview whose service and template are gone, and is content the second time", async () => {
    await stage.cloud.render.closePreview(REQUESTS[0].id);
    await rm(join(stage.project, "Pulumi.preview.yaml"));
    expect(await stage.kvshiftJson("pr", "down", "--pr", "41", "--yes")).toMatchObject({ existed: true });
    expect(await stage.kvshiftJson("pr", "down", "--pr", "41", "--yes")).toMatchObject({ existed: false });
    expect((await previewObjects(stage.cloud)).filter((name) => name.startsWith("brainbot-pr-41-"))).toEqual([]);
  });

  it("comes back after it was closed and opened again", async () => {
    await stage.restore("Pulumi.preview.yaml");
    const { pr, id, branch } = REQUESTS[0];
    await stage.cloud.render.openPreview({ id, parentId: PARENT, branch, pullRequest: pr });
    await up(REQUESTS[0]);
    expect(stage.cloud.render.effectiveEnv(id)["CLOUDFLARE_KV_CREDENTIAL_ID"]).toBe("pr-41-application-a1");
  });

  it("refuses a branch without exactly one preview service, and a request whose parent production serves", async () => {
    const none = await stage.kvshift("pr", "up", "--pr", "9", "--sha", SHA, "--branch", "nowhere", "--yes");
    expect(refusalOf(none)).toEqual({ code: 3, error: "PREVIEW_SERVICE_UNCLEAR" });
    await stage.edit("prod", ["srv-p0000000000000000002", PARENT]);
    const shared = await stage.kvshift("pr", "up", "--pr", "42", "--sha", SHA, "--branch", "faster-login", "--yes");
    await stage.restore("Pulumi.prod.yaml");
    expect(refusalOf(shared)).toEqual({ code: 3, error: "PREVIEW_REFUSED" });
  });

  it("takes away the stack of a request that was refused before anything was made", async () => {
    await stage.cloud.render.openPreview({
      id: "srv-d0000000000000000055",
      parentId: PARENT,
      branch: "own",
      pullRequest: 55,
    });
    const own = "/services/srv-d0000000000000000055/env-vars/CLOUDFLARE_KV_API_URL";
    await callRender(stage.cloud, "PUT", own, { value: "https://elsewhere.test" });
    const refused = await stage.kvshift("pr", "up", "--pr", "55", "--sha", SHA, "--branch", "own", "--yes");
    expect(refusalOf(refused)).toEqual({ code: 3, error: "PREVIEW_REFUSED" });
    expect(await stage.kvshiftJson("pr", "down", "--pr", "55", "--yes")).toMatchObject({ existed: true });
    expect(await stage.kvshiftJson("pr", "down", "--pr", "55", "--yes")).toMatchObject({ existed: false });
    await stage.cloud.render.closePreview("srv-d0000000000000000055");
  });

  it("sweeps closed requests and what a lost stack left, says before what and why, and leaves look-alikes alone", async () => {
    const at = `/accounts/${ACCOUNT}/storage/kv/namespaces`;
    for (const title of ["brainbot-pr-7-cache", "brainbot-pr-7-notes", "brainbot-pr-x-cache"]) {
      await callCloudflare(stage.cloud, "POST", at, { title });
    }
    // Of an application brainbot-pr in its environment 8.
    await callRender(stage.cloud, "POST", "/env-groups", {
      name: "brainbot-pr-8-cloudflare-kv",
      ownerId: "tea-d0000000000000000001",
      envVars: [{ key: "CLOUDFLARE_KV_CREDENTIAL_ID", value: "8-application-a1" }],
      serviceIds: [],
    });
    const before = await previewObjects(stage.cloud);
    const dry = await stage.kvshiftJson("pr", "sweep", "--open", "41,42", "--dry-run");
    expect(dry).toMatchObject({
      stacks: [{ stack: "pr-43", why: "its pull request is not open" }],
      orphans: [{ kind: "namespace", name: "brainbot-pr-7-cache" }],
    });
    expect(await previewObjects(stage.cloud)).toEqual(before);
    await stage.kvshiftJson("pr", "sweep", "--open", "41,42", "--yes");
    const gone = (name: string) => name.startsWith("brainbot-pr-43-") || name === "brainbot-pr-7-cache";
    expect((await previewObjects(stage.cloud)).toSorted()).toEqual(before.filter((name) => !gone(name)).toSorted());
  });

  it("deletes nothing where the backend holds no stack", async () => {
    const before = await previewObjects(stage.cloud);
    const elsewhere = { ...stage.env, PULUMI_BACKEND_URL: `file://${stage.folder}` };
    const refused = await stage.kvshiftWith(elsewhere, "pr", "sweep", "--open", "none", "--yes");
    expect(refusalOf(refused)).toEqual({ code: 3, error: "SWEEP_REFUSED" });
    expect(await previewObjects(stage.cloud)).toEqual(before);
  });

  it("asks GitHub which requests are open, over all pages, and takes nothing where GitHub fails", async () => {
    for (let other = 1000; other < 1250; other += 1) github.open(other);
    for (const pr of [41, 42]) github.open(pr);
    github.faults.add({ method: "GET", path: /pulls/, skip: 1, times: 1, fault: { kind: "answer", status: 404 } });
    const failed = await stage.kvshiftWith(job, "pr", "sweep", "--yes");
    expect(refusalOf(failed)).toEqual({ code: 4, error: "VENDOR_FAILED" });
    github.faults.clear();
    const swept = await stage.kvshiftWith(job, "pr", "sweep", "--yes", "--json");
    expect(jsonOf(swept)).toMatchObject({ stacks: [], orphans: [] });
  });

  it("keeps the preview of a request that was opened again after the list was read, and what GitHub says nothing of", async () => {
    github.close(42);
    const before = await previewObjects(stage.cloud);
    const reopened = { kind: "intercept", before: () => github.open(42) } as const;
    github.faults.add({ method: "GET", path: /pulls\/42/, times: 1, fault: reopened });
    const swept = jsonOf(await stage.kvshiftWith(job, "pr", "sweep", "--yes", "--json"));
    expect(swept).toMatchObject({ stacks: [], kept: [{ stack: "pr-42", why: "its pull request is open now" }] });
    github.close(42);
    github.faults.add({ method: "GET", path: /pulls\/42/, times: 9, fault: { kind: "answer", status: 401 } });
    expect(refusalOf(await stage.kvshiftWith(job, "pr", "sweep", "--yes"))).toMatchObject({ error: "PARTIAL" });
    github.faults.clear();
    github.open(42);
    expect(await previewObjects(stage.cloud)).toEqual(before);
  });

  it("lets a push and a close meet a run that is at work: each waits, and a sweep leaves nothing", async () => {
    const push = ["pr", "up", "--pr", "42", "--sha", "3f0c2a9", "--branch", "faster-login", "--yes"];
    const ended = await Promise.all([
      stage.kvshift(...push),
      stage.kvshift(...push.with(5, "4f0c2a9")),
      stage.kvshift("pr", "down", "--pr", "42", "--yes"),
      stage.kvshift("pr", "down", "--pr", "42", "--yes"),
    ]);
    expect(ended.map(({ code, stderr }) => ({ code, stderr: code === 0 ? "" : stderr }))).toEqual(
      ended.map(() => ({ code: 0, stderr: "" })),
    );
    await stage.kvshiftJson("pr", "sweep", "--open", "41", "--yes");
    expect((await previewObjects(stage.cloud)).filter((name) => name.startsWith("brainbot-pr-42-"))).toEqual([]);
  });

  it("collects what has expired, whoever is open", async () => {
    await up(REQUESTS[1], "--ttl", "1s");
    await stage.kvshiftJson("pr", "sweep", "--open", "41,42", "--yes");
    const { previews } = await stage.kvshiftJson("pr", "list");
    expect(previews).toMatchObject([{ pr: 41 }]);
  });
});
