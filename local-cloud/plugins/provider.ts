import type { Provider } from "@pulumi/pulumi/provider/index.js";

import { type Plain, type Properties, isProperties, present } from "./plain.ts";
import type { ResourceType } from "./resource.ts";
import { unwrap, wrapAt, wrapLike } from "./secrets.ts";

/** A function of a package: plain data in and out. */
export type InvokedFunction = (args: Properties) => Promise<Properties>;

export interface Package {
  /** By type token: `cloudflare:index/accountToken:AccountToken`. */
  readonly resources: Readonly<Record<string, ResourceType>>;
  readonly functions: Readonly<Record<string, InvokedFunction>>;
}

export interface ProviderOptions {
  readonly version: string;
  /** Built at the first call, so that a missing endpoint is reported as the error of a resource. */
  readonly load: () => Package;
}

/** Serves a package to the engine: finds the type, takes signatures off inputs and puts them on outputs. */
export function createProvider({ version, load }: ProviderOptions): Provider {
  let loaded: Package | undefined;
  const loadOnce = (): Package => (loaded ??= load());
  const find = (urn: string): ResourceType => {
    const token = typeToken(urn);
    const type = loadOnce().resources[token];
    if (!type) throw new Error(`the local plugin does not know the resource type ${token}`);
    return type;
  };
  return {
    version,
    getSchema: () => Promise.resolve("{}"),
    parameterizeValue: (name, packageVersion) => Promise.resolve({ name, version: packageVersion }),
    check: (urn: string, _olds: unknown, news: unknown) =>
      quietly(async () => {
        const type = find(urn);
        const inputs = plain(news);
        return { inputs: seal(type, inputs, news), failures: [...(await type.check(inputs))] };
      }),
    diff: (_id: string, urn: string, olds: unknown, news: unknown) =>
      quietly(async () => {
        const { changed, replaces } = await find(urn).diff(plain(olds), plain(news));
        return { changes: changed.length > 0, replaces: [...replaces] };
      }),
    create: (urn: string, inputs: unknown) =>
      quietly(async () => {
        const type = find(urn);
        const { id, state } = await type.create(plain(inputs));
        return { id, outs: seal(type, state, inputs) };
      }),
    read: (id: string, urn: string, props: unknown) =>
      quietly(async () => {
        const type = find(urn);
        const state = plain(props);
        if (Object.keys(state).length === 0) return importExisting(type, urn, id);
        const existing = await type.read(id, state);
        // No inputs are returned: the server of the SDK hands over no inputs to refresh.
        return existing ? { id: existing.id, props: seal(type, existing.state, props) } : GONE;
      }),
    update: (id: string, urn: string, olds: unknown, news: unknown) =>
      quietly(async () => {
        const type = find(urn);
        return { outs: seal(type, await type.update(id, plain(olds), plain(news)), news) };
      }),
    delete: (id: string, urn: string, props: unknown) => quietly(() => find(urn).delete(id, plain(props))),
    invoke: (token: string, args: unknown) =>
      quietly(async () => {
        const invoked = loadOnce().functions[token];
        if (!invoked) throw new Error(`the local plugin does not know the function ${token}`);
        return { outputs: present(await invoked(plain(args))) };
      }),
  };
}

const GONE = { id: "", props: {} };

async function importExisting(type: ResourceType, urn: string, importId: string) {
  if (!type.import) throw new Error(`the local plugin imports no ${typeToken(urn)}`);
  const imported = await type.import(importId);
  if (!imported) return GONE;
  return { id: imported.id, props: seal(type, imported.state, {}), inputs: seal(type, imported.inputs, {}) };
}

/** The type of the resource itself, without those of its parents. */
function typeToken(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}

function plain(properties: unknown): Properties {
  const unwrapped = unwrap(properties ?? {});
  return isProperties(unwrapped) ? present(unwrapped) : {};
}

/** Marks as secret what the type says and what was secret in the properties that led to these. */
function seal(type: ResourceType, properties: Properties, signed: unknown): Plain {
  return type.secrets.reduce<Plain>(wrapAt, wrapLike(present(properties), signed));
}

/** The server of the SDK prints stacks to the user; the message says it all. */
async function quietly<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const shown = new Error(error instanceof Error ? error.message : "unknown error");
    shown.stack = "";
    throw shown;
  }
}
