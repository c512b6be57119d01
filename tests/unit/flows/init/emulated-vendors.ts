import { createCloudflareEmulator } from "../../../../local-cloud/cloudflare/emulator.ts";
import { createRenderEmulator, type RenderEmulatorOptions } from "../../../../local-cloud/render/emulator.ts";
import { connectVendors } from "../../../../src/vendors/endpoints.ts";
import { countingRandom, ManualClock } from "../../local-cloud/cloudflare/emulated-cloudflare.ts";
import { RecordingLauncher } from "../../local-cloud/render/recording-launcher.ts";
import {
  ACCOUNT,
  NOW,
  OTHER_ACCOUNT,
  OTHER_OWNER,
  OTHER_SERVICE,
  OWNER,
  RENDER_ENVIRONMENT,
  SERVICE,
} from "./example-answers.ts";

export interface EmulatedVendorsOptions extends Partial<RenderEmulatorOptions> {
  readonly accounts?: readonly { readonly id: string; readonly name: string; readonly workersSubdomain?: string }[];
  /** Whose token asks. Default: a user's. */
  readonly tokenOf?: "user" | "account";
}

/** Both vendors in this process, with two accounts, one workspace and two services, or what a test puts there. */
export function emulateVendors(options: EmulatedVendorsOptions = {}) {
  const { accounts, tokenOf = "user", ...render } = options;
  const clock = new ManualClock(NOW);
  const random = countingRandom();
  const cloudflare = createCloudflareEmulator({
    clock,
    random,
    accounts: accounts ?? [
      { id: ACCOUNT, name: "first" },
      { id: OTHER_ACCOUNT, name: "second" },
    ],
  });
  const renderEmulator = createRenderEmulator({
    clock,
    random,
    owners: [
      { id: OWNER, name: "brainbot" },
      { id: OTHER_OWNER, name: "elsewhere" },
    ],
    services: [
      { id: SERVICE, name: "api", ownerId: OWNER, environmentId: RENDER_ENVIRONMENT },
      { id: OTHER_SERVICE, name: "jobs", ownerId: OWNER, type: "background_worker" },
    ],
    projects: [{ id: "prj-1", name: "brainbot", ownerId: OWNER }],
    environments: [{ id: RENDER_ENVIRONMENT, name: "staging", projectId: "prj-1" }],
    launcher: new RecordingLauncher(),
    ...render,
  });
  const accountToken = cloudflare.accountTokens[0]?.token.reveal() ?? "";
  const env = {
    CLOUDFLARE_API_TOKEN: tokenOf === "user" ? cloudflare.userToken.reveal() : accountToken,
    RENDER_API_KEY: renderEmulator.apiKey.reveal(),
  };
  const vendors = connectVendors({
    env,
    signal: new AbortController().signal,
    fetch: (url, init) => {
      const vendor = new URL(url).hostname === "api.render.com" ? renderEmulator : cloudflare;
      return vendor.fetch(new Request(url, init));
    },
    sleep: () => Promise.resolve(),
    onPause: () => undefined,
  });
  return { vendors, env, clock, cloudflare, render: renderEmulator };
}
