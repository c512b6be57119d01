/** The plugins that the SDKs ask for, by exact version: `@pulumi/cloudflare` and `sdks/render/registration.ts`. */
export const PLUGINS = {
  cloudflare: { name: "cloudflare", version: "6.22.1", entry: "cloudflare.ts" },
  render: { name: "terraform-provider", version: "1.1.3", entry: "render.ts" },
} as const;
