import type { NamespaceConfig } from "../../../src/gateway/config.ts";
import { createGateway } from "../../../src/gateway/gateway.ts";
import type { LogLine } from "../../../src/gateway/log.ts";
import type { LedgerApi } from "../../../src/gateway/ledger.ts";
import type { NamespaceStore } from "../../../src/gateway/store.ts";
import {
  credentialConfig,
  credentialOf,
  GATEWAY_ACCOUNT,
  GATEWAY_CONFIG,
  STRONG,
} from "../../../testbed/gateway-fixture.ts";
import { bulkInMemory } from "../../support/bulk-in-memory.ts";
import { START } from "../local-cloud/cloudflare/emulated-cloudflare.ts";
import { recordingStore } from "./dialect/recording-store.ts";

export const BASE = `/client/v4/accounts/${GATEWAY_ACCOUNT}/storage/kv/namespaces`;
export const READER = credentialConfig("dev-application-a2", { access: "read", namespaces: [STRONG.name] });
export const ENDING = credentialConfig("dev-application-a3", { expiresAt: new Date(START + 1000).toISOString() });

const LEDGER: LedgerApi = {
  record: () => Promise.resolve(),
  refuse: () => Promise.resolve(),
  usage: () =>
    Promise.resolve({ uses: [{ credential: "c", client: "unattributed", firstAt: 1, lastAt: 2 }], refusals: [] }),
  addParity: () => Promise.resolve("taken"),
  parity: () => Promise.resolve([]),
};

interface Answer {
  readonly status: number;
  readonly code: number | undefined;
  readonly result: unknown;
}

/** The gateway on stores that answer with `answers` and note each call beside the name of the namespace. */
export function openGateway(answers: Partial<NamespaceStore> = {}, ledger: Partial<LedgerApi> = {}) {
  const log: LogLine[] = [];
  const stores = new Map<string, ReturnType<typeof recordingStore>>();
  const gateway = createGateway({
    config: { ...GATEWAY_CONFIG, credentials: [...GATEWAY_CONFIG.credentials, READER, ENDING] },
    storeOf: ({ name }: NamespaceConfig) => {
      const recorded = recordingStore(answers);
      stores.set(name, recorded);
      return recorded.store;
    },
    ledger: () => ({ ...LEDGER, ...ledger }),
    bulk: bulkInMemory(() => {
      throw new Error("nothing here needs a relay");
    }),
    clock: { now: () => START },
    log: (line) => log.push(line),
  });
  const send = async (
    method: string,
    path: string,
    { credential = "dev-application-a1", body }: { credential?: string | undefined; body?: string } = {},
  ): Promise<Answer> => {
    const headers = credential === "" ? {} : { authorization: `Bearer ${credentialOf(credential)}` };
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    const response = await gateway(new Request(`https://gateway.test${path}`, init), () => undefined);
    if (response.headers.get("content-type") !== "application/json") {
      return { status: response.status, code: undefined, result: await response.text() };
    }
    const { errors, result } = (await response.json()) as { errors: { code: number }[]; result: unknown };
    return { status: response.status, code: errors[0]?.code, result };
  };
  const callsOn = ({ name }: NamespaceConfig) => stores.get(name)?.calls ?? [];
  return { gateway, send, log, callsOn };
}
