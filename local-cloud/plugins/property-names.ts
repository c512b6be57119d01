import { isList, isProperties, type Plain, type Properties } from "./plain.ts";

/** `previewsEnabled` → `previews_enabled`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `previews_enabled` → `previewsEnabled`. */
export function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** Properties as the vendor's API names them, at any depth; absent ones are left out. */
export function toApi(properties: Properties): Properties {
  return rename(properties, snakeCase);
}

/** Properties as Pulumi names them, at any depth; absent ones are left out. */
export function fromApi(properties: Properties): Properties {
  return rename(properties, camelCase);
}

function rename(properties: Properties, renamed: (name: string) => string): Properties {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([key, value]) => [renamed(key), renameNested(value ?? null, renamed)]),
  );
}

function renameNested(value: Plain, renamed: (name: string) => string): Plain {
  if (isList(value)) return value.map((element) => renameNested(element, renamed));
  return isProperties(value) ? rename(value, renamed) : value;
}
