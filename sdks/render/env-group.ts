import * as pulumi from "@pulumi/pulumi";

import { renderPackage } from "./registration.ts";

export interface EnvGroupEnvVar {
  readonly value?: pulumi.Input<string>;
  readonly generateValue?: pulumi.Input<boolean>;
}

export interface EnvGroupSecretFile {
  readonly content: pulumi.Input<string>;
}

export interface EnvGroupArgs {
  /** Shown in the dashboard; unique within the workspace by convention only. */
  readonly name: pulumi.Input<string>;
  readonly envVars?: pulumi.Input<Record<string, pulumi.Input<EnvGroupEnvVar>>>;
  readonly secretFiles?: pulumi.Input<Record<string, pulumi.Input<EnvGroupSecretFile>>>;
  /** `evm-…`: a group in an environment can be linked only to that environment's services. */
  readonly environmentId?: pulumi.Input<string>;
}

/** A Render environment group: https://render.com/docs/configure-environment-variables#environment-groups */
export class EnvGroup extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly envVars: pulumi.Output<Record<string, { value: string; generateValue: boolean }> | undefined>;
  declare readonly secretFiles: pulumi.Output<Record<string, { content: string }> | undefined>;
  declare readonly environmentId: pulumi.Output<string | undefined>;

  constructor(name: string, args: EnvGroupArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "render:index/envGroup:EnvGroup",
      name,
      {
        name: args.name,
        envVars: args.envVars,
        secretFiles: args.secretFiles,
        environmentId: args.environmentId,
      },
      opts,
      false,
      renderPackage(),
    );
  }
}
