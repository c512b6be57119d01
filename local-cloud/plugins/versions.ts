/**
 * The plugins that the SDKs ask for, by exact version: `@pulumi/cloudflare`, `sdks/render/registration.ts` and
 * `@pulumi/random`.
 */
export const PLUGINS = {
  cloudflare: { name: "cloudflare", version: "6.22.1", entry: "cloudflare.ts" },
  render: { name: "terraform-provider", version: "1.1.3", entry: "render.ts" },
  random: { name: "random", version: "4.21.2", entry: "random.ts" },
} as const;
