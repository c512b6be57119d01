import { iso } from "./context.ts";
import type { StoredWorker, WorkerDeployment, WorkerVersion } from "./worker-store.ts";

export function workerView(worker: StoredWorker): object {
  return {
    id: worker.id,
    ...worker.settings,
    references: { dispatch_namespace_outbounds: [], domains: [], durable_objects: [], queues: [], workers: [] },
    created_on: iso(worker.createdAt),
    updated_on: iso(worker.updatedAt),
    // As recorded from the official provider: a time here would show as a change in its next refresh.
    deployed_on: null,
  };
}

/** Modules are in the answer to an upload, and afterwards only on demand. */
export function versionView(version: WorkerVersion, options: { withModules: boolean }): object {
  const { modules, migrations: _, annotations, bindings, ...input } = version.input;
  return {
    limits: null,
    ...input,
    id: version.id,
    number: version.number,
    source: "api",
    created_on: iso(version.createdAt),
    annotations: { "workers/triggered_by": "create_version_api", ...annotations },
    startup_time_ms: 5,
    urls: [],
    bindings: bindings.map(withoutSecret),
    migration_tag: version.migrationTag,
    modules: options.withModules ? modules : undefined,
  };
}

export function deploymentView(deployment: WorkerDeployment): object {
  return {
    id: deployment.id,
    created_on: iso(deployment.createdAt),
    source: "api",
    author_email: "owner@example.com",
    ...deployment.input,
  };
}

/** The text of a secret never comes back. */
function withoutSecret(binding: { readonly type: string }): object {
  if (binding.type !== "secret_text") return binding;
  const { text: _, ...shown }: { type: string; text?: unknown } = binding;
  return shown;
}
