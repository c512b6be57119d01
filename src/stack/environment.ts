import * as pulumi from "@pulumi/pulumi";

import type { EnvironmentConfig } from "../config/schema.ts";
import type { Role, Slot } from "../core/names.ts";
import { Credentials } from "./credentials.ts";
import { EnvironmentGroup } from "./environment-group.ts";
import { GatewayCredentials } from "./gateway-credentials.ts";
import { type Bundle, Gateway } from "./gateway.ts";
import { Namespaces } from "./namespaces.ts";
import { COMPONENT_TYPES, type Adoption, NO_ADOPTION } from "./types.ts";
import { environmentVariables, type Variables } from "./variables.ts";

/** Cloudflare's own API: what `CLOUDFLARE_KV_API_URL` holds under `access: rest`. */
const CLOUDFLARE_API_URL = "https://api.cloudflare.com/client/v4";

export interface EnvironmentArgs {
  /** The stack's name. */
  readonly environment: string;
  readonly config: EnvironmentConfig;
  /** `CLOUDFLARE_BASE_URL`, where it is set: under `access: rest` the application goes where its token was minted. */
  readonly apiUrl: string | undefined;
  /** Where the local cloud serves Workers. */
  readonly localWorkersUrl?: string | undefined;
  /** On the local cloud: how many times faster waits pass. */
  readonly timeScale?: number | undefined;
  readonly bundle: Bundle;
  readonly adopt?: Adoption;
}

/** How an application reaches the namespaces. */
interface Reach {
  readonly credentials: { activeSecret(role: Role, active: Slot): pulumi.Output<string> };
  readonly gateway: Gateway | undefined;
  readonly apiUrl: string;
}

/** One environment: namespaces, credentials, the gateway, then the group that hands all of it to the services. */
export class Environment extends pulumi.ComponentResource {
  readonly namespaces: Namespaces;
  readonly gateway: Gateway | undefined;
  readonly variables: Variables;
  readonly group: EnvironmentGroup;

  constructor(name: string, args: EnvironmentArgs, opts?: pulumi.ComponentResourceOptions) {
    const { environment, config, adopt = NO_ADOPTION } = args;
    super(COMPONENT_TYPES.environment, name, describe(environment, config), opts);
    const child = { parent: this };
    this.namespaces = new Namespaces(name, { environment, config, adopt: adopt.namespaces }, child);
    const { credentials, gateway, apiUrl } =
      config.access === "gateway" ? this.#throughGateway(name, args) : this.#overRest(name, args);
    this.gateway = gateway;
    this.variables = environmentVariables({
      environment,
      config,
      apiUrl,
      namespaceIds: this.namespaces.ids,
      apiToken: credentials.activeSecret("application", config.credentials.application.active),
    });
    // Nobody is given a credential that no deployed version knows.
    const after = gateway ? [gateway.version] : [];
    this.group = new EnvironmentGroup(name, { environment, config, variables: this.variables, after }, child);
    this.registerOutputs(describe(environment, config));
  }

  #overRest(name: string, { environment, config, apiUrl = CLOUDFLARE_API_URL, adopt }: EnvironmentArgs): Reach {
    const credentials = new Credentials(name, { environment, config, enable: adopt?.enable }, { parent: this });
    return { credentials, gateway: undefined, apiUrl };
  }

  #throughGateway(name: string, args: EnvironmentArgs): Reach {
    const { environment, config, localWorkersUrl, timeScale, bundle, adopt } = args;
    const child = { parent: this };
    const credentials = new GatewayCredentials(name, { environment, config }, child);
    const namespaceIds = this.namespaces.ids;
    const gateway = new Gateway(
      name,
      { environment, config, namespaceIds, credentials, localWorkersUrl, timeScale, bundle, adopt: adopt?.worker },
      child,
    );
    return { credentials, gateway, apiUrl: `${gateway.url}/client/v4` };
  }
}

/** What policies and guards need to know of an environment; written into state with the component. */
function describe(environment: string, { app, kind, promotedFrom, phase, access, cloudflare }: EnvironmentConfig) {
  const promoted = promotedFrom === undefined ? {} : { promotedFrom };
  return { app, environment, kind, ...promoted, phase, access, accountId: cloudflare.accountId };
}
