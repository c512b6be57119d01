import { Secret } from "../../../src/core/secret.ts";
import { loopbackEndpoint, requireVariable } from "../endpoint.ts";
import { createSender, type SenderOptions } from "../http.ts";
import type { Package } from "../provider.ts";
import { accountTokenType } from "./account-token.ts";
import { createCloudflareApi } from "./api.ts";
import { kvNamespaceType } from "./kv-namespace.ts";
import { permissionGroupsList } from "./permission-groups.ts";
import type { ReadFile } from "./worker-modules.ts";
import { workerVersionType } from "./worker-version.ts";
import { workerType } from "./worker.ts";
import { workersCustomDomainType } from "./workers-custom-domain.ts";
import { workersDeploymentType } from "./workers-deployment.ts";

export interface CloudflarePackageOptions extends Pick<SenderOptions, "fetch" | "sleep"> {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: ReadFile;
}

/** The part of `@pulumi/cloudflare` that kvshift uses, for `CLOUDFLARE_BASE_URL` with `CLOUDFLARE_API_TOKEN`. */
export function cloudflarePackage({ env, fetch, sleep, readFile }: CloudflarePackageOptions): Package {
  const api = createCloudflareApi(
    createSender({
      endpoint: loopbackEndpoint("CLOUDFLARE_BASE_URL", env["CLOUDFLARE_BASE_URL"]),
      key: new Secret(requireVariable("CLOUDFLARE_API_TOKEN", env["CLOUDFLARE_API_TOKEN"])),
      userAgent: "kvshift-local-cloudflare",
      fetch,
      sleep,
    }),
  );
  return {
    resources: {
      "cloudflare:index/workersKvNamespace:WorkersKvNamespace": kvNamespaceType(api),
      "cloudflare:index/accountToken:AccountToken": accountTokenType(api),
      "cloudflare:index/worker:Worker": workerType(api),
      "cloudflare:index/workerVersion:WorkerVersion": workerVersionType(api, readFile),
      "cloudflare:index/workersCustomDomain:WorkersCustomDomain": workersCustomDomainType(api),
      "cloudflare:index/workersDeployment:WorkersDeployment": workersDeploymentType(api),
    },
    functions: {
      "cloudflare:index/getAccountApiTokenPermissionGroupsList:getAccountApiTokenPermissionGroupsList":
        permissionGroupsList(api),
    },
  };
}
