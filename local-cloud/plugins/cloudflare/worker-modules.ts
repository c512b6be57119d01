import { createHash } from "node:crypto";

import { byName, isProperties, listOf, pick, type Plain, type Properties, text } from "../plain.ts";
import { isUnknown } from "../unknown.ts";

export type ReadFile = (path: string) => Promise<Uint8Array>;

/** Modules as the API takes them: the content always travels as base64. */
export async function modulesToApi(modules: readonly Plain[], readFile: ReadFile): Promise<readonly Plain[]> {
  return Promise.all(
    modules.filter(isProperties).map(async (module) => ({
      name: module["name"],
      content_type: module["contentType"],
      content_base64: Buffer.from(await contentOf(module, readFile)).toString("base64"),
    })),
  );
}

/** Modules as the state holds them: as the program says, with the SHA-256 of the content (hexadecimal). */
export async function modulesWithHash(modules: Plain | undefined, readFile: ReadFile): Promise<readonly Plain[]> {
  const described = listOf(modules).filter(isProperties);
  return Promise.all(described.map((module) => withHash(module, readFile)));
}

async function withHash(module: Properties, readFile: ReadFile): Promise<Properties> {
  const content = module["contentFile"] ?? module["contentBase64"];
  const known = pick(module, ["name", "contentType", "contentFile", "contentBase64"]);
  if (content === undefined || isUnknown(content)) return known;
  const hash = createHash("sha256").update(await contentOf(module, readFile));
  return { ...known, contentSha256: hash.digest("hex") };
}

/** What makes a version another one: where its content comes from does not. */
export function moduleIdentities(modules: readonly Plain[]): readonly Plain[] {
  return modules
    .filter(isProperties)
    .map((module) => pick(module, ["name", "contentType", "contentSha256"]))
    .toSorted(byName);
}

/** Paths of content files that cannot be read, with their place in the inputs. */
export async function unreadableModules(modules: Plain | undefined, readFile: ReadFile): Promise<readonly string[]> {
  const places = await Promise.all(
    listOf(modules).map(async (module, index) => {
      const path = isProperties(module) ? module["contentFile"] : undefined;
      if (typeof path !== "string" || isUnknown(path)) return [];
      return readFile(path).then(
        () => [],
        () => [`modules[${String(index)}].contentFile`],
      );
    }),
  );
  return places.flat();
}

async function contentOf(module: Properties, readFile: ReadFile): Promise<Uint8Array> {
  if (typeof module["contentFile"] === "string") return readFile(module["contentFile"]);
  return Buffer.from(text(module, "contentBase64"), "base64");
}
