import { Secret } from "../core/secret.ts";
import { type Cloudflare, createCloudflare } from "./cloudflare.ts";
import { createRender, type Render } from "./render.ts";
import { type ApiOptions, vendorApi } from "./vendor-api.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where each vendor is, in the variables that the official providers read. */
export const ENDPOINTS = {
  cloudflare: {
    keyVariable: "CLOUDFLARE_API_TOKEN",
    baseVariable: "CLOUDFLARE_BASE_URL",
    base: "https://api.cloudflare.com/client/v4",
  },
  render: { keyVariable: "RENDER_API_KEY", baseVariable: "RENDER_HOST", base: "https://api.render.com/v1" },
} as const;

/** Calls under way at a vendor. Render admits 400 reads a minute: https://api-docs.render.com/reference/rate-limiting */
export const READS_AT_ONCE = { concurrency: 10 };

export interface Vendors {
  readonly cloudflare: Cloudflare;
  readonly render: Render;
}

export interface VendorsOptions extends Pick<ApiOptions, "fetch" | "sleep" | "signal"> {
  readonly env: Env;
  /** Told before a pause that a vendor asked for. */
  readonly onPause: (vendor: string, seconds: number) => void;
}

/** Both vendors with the keys of the environment, which the caller has checked to be there. */
export function connectVendors({ env, onPause, ...options }: VendorsOptions): Vendors {
  const connect = (vendor: keyof typeof ENDPOINTS, name: string) => {
    const { keyVariable, baseVariable, base } = ENDPOINTS[vendor];
    return vendorApi({
      ...options,
      base: env[baseVariable] ?? base,
      key: new Secret(env[keyVariable] ?? ""),
      onPause: (seconds) => {
        onPause(name, seconds);
      },
    });
  };
  return {
    cloudflare: createCloudflare(connect("cloudflare", "Cloudflare")),
    render: createRender(connect("render", "Render")),
  };
}
