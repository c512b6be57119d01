import * as pulumi from "@pulumi/pulumi";
import * as render from "@pulumi/render";

import type { EnvironmentConfig } from "../config/schema.ts";
import { environmentGroupName } from "../core/names.ts";
import { COMPONENT_TYPES } from "./types.ts";
import type { Variables } from "./variables.ts";

export interface EnvironmentGroupArgs {
  readonly environment: string;
  readonly config: Pick<EnvironmentConfig, "app" | "render">;
  readonly variables: Variables;
  /** What has to be there before a service is given the variables. */
  readonly after?: readonly pulumi.Resource[];
}

/** The dedicated group of an environment at Render, and the one link that owns all its services. */
export class EnvironmentGroup extends pulumi.ComponentResource {
  readonly groupId: pulumi.Output<string>;
  readonly groupName: string;

  constructor(name: string, args: EnvironmentGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT_TYPES.environmentGroup, name, {}, opts);
    const { environment, config, variables, after = [] } = args;
    const child = { parent: this };
    this.groupName = environmentGroupName(config.app, environment);
    const group = new render.EnvGroup(
      "cloudflare-kv",
      {
        name: this.groupName,
        envVars: asEnvVars(variables),
        ...(config.render.environmentId === undefined ? {} : { environmentId: config.render.environmentId }),
      },
      { ...child, additionalSecretOutputs: ["envVars"], dependsOn: [...after] },
    );
    // Deleted before its group: the provider cannot read the link of a group that is gone.
    new render.EnvGroupLink("cloudflare-kv", { envGroupId: group.id, serviceIds: [...config.render.services] }, child);
    this.groupId = group.id;
    this.registerOutputs({ groupId: this.groupId });
  }
}

/** Each value is secret by itself: a secret map would hide its keys from the policies. */
function asEnvVars({ plain, secret }: Variables): Record<string, { value: pulumi.Output<string> }> {
  const values: [string, pulumi.Input<string>][] = Object.entries({ ...plain, ...secret });
  return Object.fromEntries(values.map(([key, value]) => [key, { value: pulumi.secret(value) }]));
}
