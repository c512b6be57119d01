import * as pulumi from "@pulumi/pulumi";

import { renderPackage } from "./registration.ts";

export interface EnvGroupLinkArgs {
  readonly envGroupId: pulumi.Input<string>;
  /** Every service of the group: one link resource owns all of them, or the provider detaches the others. */
  readonly serviceIds: pulumi.Input<pulumi.Input<string>[]>;
}

/** All links of one environment group. */
export class EnvGroupLink extends pulumi.CustomResource {
  declare readonly envGroupId: pulumi.Output<string>;
  declare readonly serviceIds: pulumi.Output<string[]>;

  constructor(name: string, args: EnvGroupLinkArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "render:index/envGroupLink:EnvGroupLink",
      name,
      { envGroupId: args.envGroupId, serviceIds: args.serviceIds },
      opts,
      false,
      renderPackage(),
    );
  }
}
