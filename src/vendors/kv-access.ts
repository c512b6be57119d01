import { z } from "zod";

import { AppError } from "../core/app-error.ts";
import type { Secret } from "../core/secret.ts";
import { expectStatus, parseAnswer } from "./expect.ts";
import { type ApiOptions, vendorApi } from "./vendor-api.ts";

const NAME = "The KV endpoint";

const useSchema = z.object({ credential: z.string(), client: z.string(), firstAt: z.number(), lastAt: z.number() });
const usageSchema = z.object({
  now: z.number(),
  uses: z.array(useSchema),
  refusals: z.array(useSchema.extend({ count: z.number() })),
});

/** What the ledger of a gateway says, times in milliseconds by the gateway's clock: docs/gateway.md. */
export type Usage = z.infer<typeof usageSchema>;

/** What one request with a credential was answered; `undefined`: not at all. */
export type AnswerStatus = number | undefined;

/** One pair as a bulk write takes it. */
export interface KvPair {
  readonly key: string;
  readonly value: string;
  /** Whether `value` is base64. */
  readonly base64: boolean;
  readonly metadata?: unknown;
  readonly expiration_ttl?: number;
}

const bulkSchema = z.object({ result: z.object({ unsuccessful_keys: z.array(z.string()).optional() }).nullish() });

/** An environment's KV with one of its credentials: through the gateway, or Cloudflare's own API. */
export interface KvAccess {
  /** Whether the credential is accepted. https://developers.cloudflare.com/api/resources/accounts/subresources/tokens/methods/verify/ */
  verify(): Promise<AnswerStatus>;
  /** Writes, reads and deletes a key in a namespace; the step that was not answered as it should, or nothing. */
  probe(namespaceId: string, key: string): Promise<string | undefined>;
  /**
   * Writes pairs, at most as many as one bulk takes: https://developers.cloudflare.com/kv/api/write-key-value-pairs/
   *
   * @throws AppError VENDOR_FAILED with how many keys were not written
   */
  write(namespaceId: string, pairs: readonly KvPair[]): Promise<void>;
  /** Any path below `/client/v4`, to see that it is refused. */
  read(path: string): Promise<AnswerStatus>;
  /**
   * Only of a gateway, with the operator's credential; `refused` where that is not accepted from here.
   *
   * @throws AppError VENDOR_FAILED
   */
  usage(): Promise<Usage | "refused">;
}

export interface KvAccessOptions extends Pick<ApiOptions, "fetch" | "sleep" | "signal" | "repeats"> {
  /** With `/client/v4`, as applications get it. */
  readonly apiUrl: string;
  readonly accountId: string;
  readonly secret: Secret;
}

/** The least that Workers KV takes: https://developers.cloudflare.com/kv/api/write-key-value-pairs/#expiring-keys */
const PROBE_TTL_SECONDS = 60;
/** As the gateway's ledger names what kvshift itself asks: in the form of a service and its instance. */
const CLIENT = "ops-kvshift/cli";
const PROBE_VALUE = "probe of kvshift";

/** Connects to the KV of an environment as the holder of `secret`. */
export function connectKv({ apiUrl, accountId, secret, ...options }: KvAccessOptions): KvAccess {
  const common = { ...options, headers: { "Kvshift-Client": CLIENT }, key: secret };
  const send = vendorApi({ ...common, base: apiUrl });
  const own = vendorApi({ ...common, base: apiUrl.replace(/\/client\/v4\/?$/, "") });
  const account = `/accounts/${encodeURIComponent(accountId)}`;
  return {
    verify: async () => (await send("GET", `${account}/tokens/verify`)).status,
    read: async (path) => (await send("GET", path)).status,
    write: async (namespaceId, pairs) => {
      const path = `${account}/storage/kv/namespaces/${encodeURIComponent(namespaceId)}/bulk`;
      const answer = expectStatus(NAME, await send("PUT", path, pairs), [200]);
      const failed = parseAnswer(NAME, answer, bulkSchema).result?.unsuccessful_keys ?? [];
      if (failed.length === 0) return;
      throw new AppError("VENDOR_FAILED", {
        problem: `${NAME} did not write ${String(failed.length)} of ${String(pairs.length)} keys.`,
        fix: "Run the same command again: writing a key twice does no harm.",
        retryable: true,
      });
    },
    probe: async (namespaceId, key) => {
      const path = `${account}/storage/kv/namespaces/${encodeURIComponent(namespaceId)}/values/${encodeURIComponent(key)}`;
      const written = await send("PUT", `${path}?expiration_ttl=${String(PROBE_TTL_SECONDS)}`, PROBE_VALUE);
      if (written.status !== 200) return written.summary;
      const read = await send("GET", path);
      if (read.status !== 200 || read.json !== PROBE_VALUE) return read.summary;
      const deleted = await send("DELETE", path);
      return deleted.status === 200 ? undefined : deleted.summary;
    },
    usage: async () => {
      const answer = expectStatus(NAME, await own("GET", "/kvshift/v1/usage"), [200, 401]);
      if (answer.status === 401) return "refused";
      return parseAnswer(NAME, answer, z.object({ result: usageSchema })).result;
    },
  };
}
