import * as cloudflare from "@pulumi/cloudflare";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import * as render from "@pulumi/render";

export const ACCOUNT_ID = "a".repeat(32);
export const OWNER_ID = `tea-${"0".repeat(20)}`;
export const SERVICES = ["srv-1", "srv-2"];

/** What differs between the recorded updates. */
export interface ProgramInputs {
  readonly title: string;
  readonly epochs: readonly number[];
  readonly expiresOn: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly services: readonly string[];
  readonly previewsEnabled: boolean;
  /** Path of the Worker's module. */
  readonly moduleFile: string;
}

/** The program of the recording `tests/fixtures/official-provider-calls.json`. */
export function fixtureProgram(inputs: ProgramInputs): PulumiFn {
  return async () => {
    const sessions = new cloudflare.WorkersKvNamespace("sessions", { accountId: ACCOUNT_ID, title: inputs.title });
    const token = createTokens(inputs).at(-1);
    if (!token) throw new Error("the program needs a token");
    const deployment = createGateway(inputs, sessions);
    const variables = {
      ...inputs.variables,
      CLOUDFLARE_KV_ACCOUNT_ID: ACCOUNT_ID,
      CLOUDFLARE_KV_API_TOKEN: token.value,
      CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS: sessions.id,
    };
    const group = new render.EnvGroup("group", {
      name: "brainbot-dev-cloudflare-kv",
      envVars: Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, { value }])),
    });
    const link = new render.EnvGroupLink("link", { envGroupId: group.id, serviceIds: [...inputs.services] });
    return { versions: deployment.versions, linkedServices: link.serviceIds };
  };
}

function createTokens({ epochs, expiresOn }: ProgramInputs): readonly cloudflare.AccountToken[] {
  const groups = cloudflare.getAccountApiTokenPermissionGroupsListOutput({ accountId: ACCOUNT_ID });
  const write = groups.results.apply((results) => {
    const found = results.find(({ name }) => name === "Workers KV Storage Write");
    if (!found) throw new Error("Cloudflare lists no group that writes KV");
    return found.id;
  });
  return epochs.map(
    (epoch) =>
      new cloudflare.AccountToken(`token-${String(epoch)}`, {
        accountId: ACCOUNT_ID,
        name: `brainbot-dev-application-${String(epoch)}`,
        expiresOn,
        condition: { requestIp: { ins: ["203.0.113.10/32"] } },
        policies: [
          {
            effect: "allow",
            permissionGroups: [{ id: write }],
            resources: JSON.stringify({ [`com.cloudflare.api.account.${ACCOUNT_ID}`]: "*" }),
          },
        ],
      }),
  );
}

function createGateway(inputs: ProgramInputs, sessions: cloudflare.WorkersKvNamespace): cloudflare.WorkersDeployment {
  const worker = new cloudflare.Worker("gateway", {
    accountId: ACCOUNT_ID,
    name: "brainbot-dev-gateway",
    subdomain: { enabled: true, previewsEnabled: inputs.previewsEnabled },
  });
  const version = new cloudflare.WorkerVersion("gateway-version", {
    accountId: ACCOUNT_ID,
    workerId: worker.id,
    mainModule: "gateway.js",
    compatibilityDate: "2026-07-01",
    modules: [{ name: "gateway.js", contentType: "application/javascript+module", contentFile: inputs.moduleFile }],
    bindings: [
      { type: "kv_namespace", name: "SESSIONS", namespaceId: sessions.id },
      { type: "json", name: "CREDENTIALS", json: JSON.stringify([{ id: "dev-application-a1", sha256: "00" }]) },
    ],
  });
  return new cloudflare.WorkersDeployment("gateway-deployment", {
    accountId: ACCOUNT_ID,
    scriptName: worker.name,
    strategy: "percentage",
    versions: [{ versionId: version.id, percentage: 100 }],
  });
}

/** The inputs of the recorded updates, in their order. `modules`: paths of the first and the second module. */
export function recordedInputs(modules: readonly [string, string]) {
  const created: ProgramInputs = {
    title: "brainbot-dev-sessions",
    epochs: [1],
    expiresOn: "2027-06-01T00:00:00Z",
    variables: { CLOUDFLARE_KV_PHASE: "redis", UPSTASH_REDIS_REST_URL: "https://example.upstash.io" },
    services: ["srv-1"],
    previewsEnabled: false,
    moduleFile: modules[0],
  };
  const secondTokenMinted: ProgramInputs = {
    ...created,
    epochs: [1, 2],
    variables: { CLOUDFLARE_KV_PHASE: "kv", CLOUDFLARE_KV_READ_SHARE: "100" },
    services: ["srv-1", "srv-2"],
  };
  const everythingChanged: ProgramInputs = {
    ...secondTokenMinted,
    expiresOn: "2027-09-01T00:00:00Z",
    services: ["srv-2"],
    title: "brainbot-dev-sessions-2",
    previewsEnabled: true,
    moduleFile: modules[1],
  };
  return { created, secondTokenMinted, everythingChanged, firstTokenRemoved: { ...everythingChanged, epochs: [2] } };
}
