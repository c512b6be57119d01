import { z } from "zod";

import { expectStatus, parseAnswer } from "./expect.ts";
import type { Send } from "./vendor-api.ts";

const NAME = "Cloudflare";
/** The most that both lists take: https://developers.cloudflare.com/api/resources/accounts/subresources/tokens/ */
const PER_PAGE = 50;
const AUDIT_LIMIT = 1000;

const namespaceSchema = z.object({ id: z.string(), title: z.string() });
const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** `active`, `disabled`, `expired`; Cloudflare knows more than it documents. */
  status: z.string().optional(),
  issued_on: z.string().optional(),
  expires_on: z.string().nullish(),
  last_used_on: z.string().nullish(),
});
/** https://developers.cloudflare.com/api/resources/workers/subresources/beta/ */
const workerSchema = z.object({ id: z.string(), name: z.string(), created_on: z.string().optional() });
/** https://developers.cloudflare.com/api/resources/workers/subresources/domains/ */
const hostNameSchema = z.object({ id: z.string(), hostname: z.string(), service: z.string().nullish() });
const deploymentSchema = z.object({
  versions: z.array(z.object({ version_id: z.string(), percentage: z.number() })),
});
const versionSchema = z.object({
  bindings: z.array(z.looseObject({ type: z.string(), name: z.string(), text: z.string().optional() })).nullish(),
});
const auditEventSchema = z.object({
  id: z.string(),
  action: z.object({ time: z.string(), type: z.string().nullish(), result: z.string().nullish() }),
  actor: z
    .object({
      type: z.string().nullish(),
      context: z.string().nullish(),
      email: z.string().nullish(),
      token_name: z.string().nullish(),
    })
    .nullish(),
  raw: z.object({ method: z.string().nullish(), uri: z.string().nullish() }).nullish(),
  resource: z
    .object({ id: z.string().nullish(), request: z.unknown().optional(), response: z.unknown().optional() })
    .nullish(),
});
const accountSchema = z.object({ id: z.string(), name: z.string() });
const pageInfoSchema = z.object({ total_count: z.number().optional() });

export type CloudflareNamespace = z.infer<typeof namespaceSchema>;
export type CloudflareToken = z.infer<typeof tokenSchema>;
export type CloudflareWorker = z.infer<typeof workerSchema>;
/** A host name that leads to a Worker. */
export type CloudflareHostName = z.infer<typeof hostNameSchema>;
/** One change in an account, as Cloudflare's own audit log has it. */
export type CloudflareAuditEvent = z.infer<typeof auditEventSchema>;
export type CloudflareAccount = z.infer<typeof accountSchema>;

export interface DeployedVersion {
  readonly id: string;
  /** Of the requests. */
  readonly percentage: number;
}

/** What kvshift itself asks of https://developers.cloudflare.com/api/. Everything else goes through the provider. */
export interface Cloudflare {
  accounts(): Promise<CloudflareAccount[]>;
  namespaces(accountId: string): Promise<CloudflareNamespace[]>;
  namespace(accountId: string, id: string): Promise<CloudflareNamespace | undefined>;
  /** Its id and its data stay. */
  renameNamespace(accountId: string, id: string, title: string): Promise<void>;
  /** One that is gone already counts as deleted. */
  deleteNamespace(accountId: string, id: string): Promise<void>;
  /** Account-owned tokens, expired ones too. Never their values. */
  tokens(accountId: string): Promise<CloudflareToken[]>;
  deleteToken(accountId: string, id: string): Promise<void>;
  /** Cloudflare's own record of what changed, oldest first. Times: RFC 3339. Kept for 18 months. */
  auditEvents(accountId: string, since: string, before: string): Promise<CloudflareAuditEvent[]>;
  workers(accountId: string): Promise<CloudflareWorker[]>;
  /** The account's name below workers.dev; `undefined` where it has none. */
  workersSubdomain(accountId: string): Promise<string | undefined>;
  /** By id or by name. */
  worker(accountId: string, idOrName: string): Promise<CloudflareWorker | undefined>;
  /** With its objects and their data. One that is gone already counts as deleted. */
  deleteWorker(accountId: string, id: string): Promise<void>;
  /** Host names that lead to Workers of the account. */
  hostNames(accountId: string): Promise<CloudflareHostName[]>;
  /** The versions that a Worker serves, with the percentage of requests; none where it was never deployed. */
  deployedVersions(accountId: string, workerName: string): Promise<readonly DeployedVersion[]>;
  /** Texts that a version of a Worker is given, by binding; never those of secrets. None where it is gone. */
  versionTexts(accountId: string, workerId: string, versionId: string): Promise<ReadonlyMap<string, string>>;
}

/**
 * Cloudflare, as far as kvshift itself asks it. Every call throws AppError VENDOR_FAILED where Cloudflare refuses or fails.
 * https://developers.cloudflare.com/api/
 */
export function createCloudflare(send: Send): Cloudflare {
  const list = async <Item extends z.ZodType>(path: string, item: Item): Promise<z.infer<Item>[]> => {
    const schema = z.object({ result: z.array(item), result_info: pageInfoSchema.nullish() });
    const all: z.infer<Item>[] = [];
    for (let page = 1; ; page += 1) {
      const query = `${path.includes("?") ? "&" : "?"}page=${String(page)}&per_page=${String(PER_PAGE)}`;
      const answer = expectStatus(NAME, await send("GET", `${path}${query}`), [200]);
      const { result, result_info: info } = parseAnswer(NAME, answer, schema);
      all.push(...result);
      // Not every list says how much there is; there a page that is not full is the last one.
      const total = info?.total_count ?? (result.length < PER_PAGE ? all.length : Infinity);
      if (result.length === 0 || all.length >= total) return all;
    }
  };
  /** The result of one call; `undefined` where there is no such object. */
  const find = async <Result>(path: string, schema: z.ZodType<Result>): Promise<Result | undefined> => {
    const answer = expectStatus(NAME, await send("GET", path), [200, 404]);
    return answer.status === 404 ? undefined : parseAnswer(NAME, answer, z.object({ result: schema })).result;
  };
  const remove = async (path: string): Promise<void> => {
    expectStatus(NAME, await send("DELETE", path), [200, 404]);
  };
  return {
    accounts: () => list("/accounts", accountSchema),
    namespaces: (account) => list(`${accountPath(account)}/storage/kv/namespaces`, namespaceSchema),
    namespace: (account, id) =>
      find(`${accountPath(account)}/storage/kv/namespaces/${encodeURIComponent(id)}`, namespaceSchema),
    renameNamespace: async (account, id, title) => {
      const path = `${accountPath(account)}/storage/kv/namespaces/${encodeURIComponent(id)}`;
      expectStatus(NAME, await send("PUT", path, { title }), [200]);
    },
    deleteNamespace: (account, id) => remove(`${accountPath(account)}/storage/kv/namespaces/${encodeURIComponent(id)}`),
    tokens: (account) => list(`${accountPath(account)}/tokens?include_expired=true`, tokenSchema),
    deleteToken: (account, id) => remove(`${accountPath(account)}/tokens/${encodeURIComponent(id)}`),
    auditEvents: async (account, since, before) => {
      // https://developers.cloudflare.com/api/resources/accounts/subresources/logs/subresources/audit/methods/list/
      const schema = z.object({
        result: z.array(auditEventSchema),
        // As the official SDK pages: CursorPaginationAfter.
        result_info: z.object({ cursors: z.object({ after: z.string().nullish() }).nullish() }).nullish(),
      });
      const range = `since=${encodeURIComponent(since)}&before=${encodeURIComponent(before)}`;
      const all: CloudflareAuditEvent[] = [];
      for (let cursor = ""; ;) {
        const after = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const path = `${accountPath(account)}/logs/audit?${range}&direction=asc&limit=${String(AUDIT_LIMIT)}${after}`;
        const answer = parseAnswer(NAME, expectStatus(NAME, await send("GET", path), [200]), schema);
        all.push(...answer.result);
        cursor = answer.result_info?.cursors?.after ?? "";
        if (cursor === "" || answer.result.length === 0) return all;
      }
    },
    workersSubdomain: async (account) => {
      const schema = z.object({ subdomain: z.string() });
      return (await find(`${accountPath(account)}/workers/subdomain`, schema))?.subdomain;
    },
    workers: (account) => list(`${accountPath(account)}/workers/workers`, workerSchema),
    worker: (account, idOrName) =>
      find(`${accountPath(account)}/workers/workers/${encodeURIComponent(idOrName)}`, workerSchema),
    deleteWorker: (account, id) => remove(`${accountPath(account)}/workers/workers/${encodeURIComponent(id)}`),
    hostNames: async (account) => {
      // It is not paged, and takes no page.
      const answer = expectStatus(NAME, await send("GET", `${accountPath(account)}/workers/domains`), [200]);
      return parseAnswer(NAME, answer, z.object({ result: z.array(hostNameSchema) })).result;
    },
    deployedVersions: async (account, workerName) => {
      const path = `${accountPath(account)}/workers/scripts/${encodeURIComponent(workerName)}/deployments`;
      const found = await find(path, z.object({ deployments: z.array(deploymentSchema) }));
      // The newest comes first, and it is the one that serves.
      return (found?.deployments[0]?.versions ?? []).map(({ version_id: id, percentage }) => ({ id, percentage }));
    },
    versionTexts: async (account, workerId, versionId) => {
      // https://developers.cloudflare.com/api/resources/workers/subresources/beta/
      const worker = `${accountPath(account)}/workers/workers/${encodeURIComponent(workerId)}`;
      const found = await find(`${worker}/versions/${encodeURIComponent(versionId)}`, versionSchema);
      const texts = (found?.bindings ?? []).filter(({ type }) => type === "plain_text");
      return new Map(texts.map(({ name, text = "" }) => [name, text]));
    },
  };
}

const DEAD: ReadonlySet<string | undefined> = new Set(["expired", "revoked (exposed)"]);

/** Whether the secret of a token will never work again. The providers take such a token for gone. */
export function isDead({ status }: { readonly status?: string | undefined }): boolean {
  return DEAD.has(status);
}

function accountPath(accountId: string): string {
  return `/accounts/${encodeURIComponent(accountId)}`;
}
