export type JsonRecord = Readonly<Record<string, unknown>>;

/** The properties of a value that came from elsewhere; none where it is no object. */
export function recordOf(value: unknown): JsonRecord {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** The value of a JSON text, or `otherwise` where it is none. */
export function parsedOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return otherwise;
  }
}
