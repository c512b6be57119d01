import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import { gatewayWorkerName } from "../../src/core/names.ts";
import { BINDINGS, credentialBinding } from "../../src/gateway/bindings.ts";
import type { EnvironmentFacts } from "../../src/policy/model.ts";

/** What can be planted in the Worker. */
export interface WorkerPlants {
  readonly withoutWorker?: boolean;
  /** A binding in clear, by its name: a harmless text, or the token of the application. */
  readonly plainBinding?: { readonly name: string; readonly holds: "a text" | "the token" };
  /** What the gateway is told of a credential: JSON. */
  readonly gatewayCredential?: string;
  /** The token of the application in a `secret_text` binding that is not marked as secret. */
  readonly plainSecretText?: boolean;
  readonly durableObjectClasses?: readonly string[];
}

interface Surroundings {
  readonly facts: EnvironmentFacts;
  readonly tokens: readonly cloudflare.AccountToken[];
  /** For what holds data. */
  readonly kept: pulumi.CustomResourceOptions;
  readonly opts: pulumi.CustomResourceOptions;
}

/** A Worker with one version, which knows its environment. */
export function createWorker(plants: WorkerPlants, { facts, tokens, kept, opts }: Surroundings): void {
  if (plants.withoutWorker) return;
  const { accountId, app, environment } = facts;
  const value = tokens[0]?.value ?? pulumi.output("");
  const worker = new cloudflare.Worker("gateway", { accountId, name: gatewayWorkerName(app, environment) }, kept);
  const { plainBinding, gatewayCredential, plainSecretText, durableObjectClasses = ["KeySpace"] } = plants;
  const held = plainBinding?.holds === "the token" ? value : pulumi.output("hello");
  new cloudflare.WorkerVersion(
    "gateway",
    {
      accountId,
      workerId: worker.id,
      bindings: [
        ...(plainSecretText ? [{ type: "secret_text", name: "KV_API_TOKEN", text: pulumi.unsecret(value) }] : []),
        { type: "plain_text", name: BINDINGS.ACCOUNT_ID, text: accountId },
        { type: "plain_text", name: BINDINGS.ENVIRONMENT, text: environment },
        ...(gatewayCredential === undefined
          ? []
          : [{ type: "plain_text", name: credentialBinding("application", "a"), text: gatewayCredential }]),
        ...(plainBinding ? [{ type: "plain_text", name: plainBinding.name, text: pulumi.unsecret(held) }] : []),
      ],
      exports: Object.fromEntries(
        durableObjectClasses.map((name) => [name, { type: "durable-object", storage: "sqlite" }]),
      ),
    },
    opts,
  );
}
