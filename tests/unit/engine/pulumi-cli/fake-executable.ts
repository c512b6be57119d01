import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a shell script. It finds builtins only: the tests' PATH holds nothing of the machine's. */
export async function writeExecutable(path: string, ...lines: readonly string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, ["#!/bin/sh", ...lines, ""].join("\n"));
  await chmod(path, 0o755);
}

/** A CLI that knows only `pulumi version`. */
export const pulumiOfVersion = (version: string) => `[ "$1" = version ] && echo "${version}"`;

/** A `go` that writes down how it was called and "compiles" a CLI of `version`. */
export function goThatBuilds(version: string, record: string): readonly string[] {
  return [
    `{ pwd; echo "CGO_ENABLED=$CGO_ENABLED"; printf '%s\\n' "$@"; } > "${record}"`,
    'while [ "$1" != -o ]; do shift; done',
    `printf '#!/bin/sh\\necho ${version}\\n' > "$2"`,
    '/bin/chmod +x "$2"',
  ];
}
