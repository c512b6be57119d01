import { Secret } from "../../../src/core/secret.ts";
import { loopbackEndpoint, requireVariable } from "../endpoint.ts";
import { createSender, type SenderOptions } from "../http.ts";
import type { Package } from "../provider.ts";
import { createRenderApi } from "./api.ts";
import { envGroupLinkType } from "./env-group-link.ts";
import { envGroupType } from "./env-group.ts";

export interface RenderPackageOptions extends Pick<SenderOptions, "fetch" | "sleep"> {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The part of `@pulumi/render` that kvshift uses, for `RENDER_HOST` with `RENDER_API_KEY` and `RENDER_OWNER_ID`. */
export function renderPackage({ env, fetch, sleep }: RenderPackageOptions): Package {
  const api = createRenderApi(
    createSender({
      endpoint: loopbackEndpoint("RENDER_HOST", env["RENDER_HOST"]),
      key: new Secret(requireVariable("RENDER_API_KEY", env["RENDER_API_KEY"])),
      userAgent: "kvshift-local-render",
      fetch,
      sleep,
    }),
  );
  const ownerId = requireVariable("RENDER_OWNER_ID", env["RENDER_OWNER_ID"]);
  return {
    resources: {
      "render:index/envGroup:EnvGroup": envGroupType(api, ownerId),
      "render:index/envGroupLink:EnvGroupLink": envGroupLinkType(api),
    },
    functions: {},
  };
}
