import * as pulumi from "@pulumi/pulumi";

import { renderPackage } from "./registration.ts";

export interface ProviderArgs {
  /** Read from `RENDER_API_KEY` when absent. */
  readonly apiKey?: pulumi.Input<string>;
  /** `tea-…` or `usr-…`; read from `RENDER_OWNER_ID` when absent. */
  readonly ownerId?: pulumi.Input<string>;
  readonly skipDeployAfterServiceUpdate?: pulumi.Input<boolean>;
  readonly waitForDeployCompletion?: pulumi.Input<boolean>;
}

/** The provider of one Render workspace. Its host comes only from `RENDER_HOST`. */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, opts?: pulumi.ResourceOptions) {
    super(
      "render",
      name,
      {
        apiKey: args.apiKey === undefined ? undefined : pulumi.secret(args.apiKey),
        ownerId: args.ownerId,
        skipDeployAfterServiceUpdate: asJson(args.skipDeployAfterServiceUpdate),
        waitForDeployCompletion: asJson(args.waitForDeployCompletion),
      },
      opts,
      false,
      renderPackage(),
    );
  }
}

/** Provider arguments travel as strings: the bridge expects anything else JSON-encoded. */
function asJson(value: pulumi.Input<boolean> | undefined): pulumi.Output<string> | undefined {
  return value === undefined ? undefined : pulumi.output(value).apply((known) => JSON.stringify(known));
}
