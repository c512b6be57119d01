import { environmentSchema } from "../../config/schema.ts";
import type { NamespaceAnswer } from "./answers.ts";

const FORMAT = /^([^:]+):([^:]+)(?::(\d{1,9}))?$/;
const DEFAULT_TTL_SECONDS = 3600;

const { consistency } = environmentSchema.shape.namespaces.valueType.shape;

/** The namespaces of `name:class[:ttl]`, or what is wrong with the first flag that is none. */
export function readNamespaces(flags: readonly string[]): NamespaceAnswer[] | string {
  const namespaces = new Map<string, NamespaceAnswer>();
  for (const flag of flags) {
    const [, name = "", givenClass, ttl] = FORMAT.exec(flag) ?? [];
    const { data: known } = consistency.safeParse(givenClass);
    if (known === undefined)
      return `${JSON.stringify(flag)} is not <name>:<class>[:<ttl>], such as sessions:eventual:86400`;
    if (namespaces.has(name)) return `the namespace ${JSON.stringify(name)} stands twice`;
    const defaultTtlSeconds = ttl === undefined ? DEFAULT_TTL_SECONDS : Number(ttl);
    namespaces.set(name, { name, consistency: known, defaultTtlSeconds });
  }
  return [...namespaces.values()];
}
