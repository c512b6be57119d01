import * as pulumi from "@pulumi/pulumi";

import type { EnvironmentConfig } from "../config/schema.ts";
import { Credentials } from "./credentials.ts";
import { EnvironmentGroup } from "./environment-group.ts";
import { Namespaces } from "./namespaces.ts";
import { COMPONENT_TYPES } from "./types.ts";
import { environmentVariables, type Variables } from "./variables.ts";

export interface EnvironmentArgs {
  /** The stack's name. */
  readonly environment: string;
  readonly config: EnvironmentConfig;
  /** `CLOUDFLARE_BASE_URL`, where it is set. */
  readonly apiUrl: string | undefined;
  /** Namespaces to take up instead of creating them: Cloudflare's id by name. */
  readonly adopt?: Readonly<Record<string, string>>;
}

/** One environment: namespaces, then credentials, then the group that hands both to the services. */
export class Environment extends pulumi.ComponentResource {
  readonly namespaces: Namespaces;
  readonly credentials: Credentials;
  readonly variables: Variables;
  readonly group: EnvironmentGroup;

  constructor(name: string, args: EnvironmentArgs, opts?: pulumi.ComponentResourceOptions) {
    const { environment, config, apiUrl, adopt = {} } = args;
    super(COMPONENT_TYPES.environment, name, describe(environment, config), opts);
    const child = { parent: this };
    this.namespaces = new Namespaces(name, { environment, config, adopt }, child);
    this.credentials = new Credentials(name, { environment, config }, child);
    this.variables = environmentVariables({
      environment,
      config,
      apiUrl,
      namespaceIds: this.namespaces.ids,
      apiToken: this.credentials.activeSecret("application", config.credentials.application.active),
    });
    this.group = new EnvironmentGroup(name, { environment, config, variables: this.variables }, child);
    this.registerOutputs(describe(environment, config));
  }
}

/** What the policies need to know of an environment; written into state with the component. */
function describe(environment: string, { app, kind, phase, access, cloudflare }: EnvironmentConfig) {
  return { app, environment, kind, phase, access, accountId: cloudflare.accountId };
}
