import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A command that a document tells its reader to run. */
export interface DocumentCommand {
  readonly file: string;
  readonly line: number;
  readonly command: string;
}

const DOCUMENTS = ["*.md", "docs/**/*.md"];
const SHELL_BLOCK = /^( *)```sh\n([\s\S]*?)^ *```$/gm;

/** The Markdown files of the project, relative to `root`. */
export function documents(root: string): string[] {
  return DOCUMENTS.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted();
}

/** Every line of every block that is marked as shell. */
export function documentCommands(root: string): DocumentCommand[] {
  return documents(root).flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return [...text.matchAll(SHELL_BLOCK)].flatMap((block) => {
      const first = text.slice(0, block.index).split("\n").length + 1;
      const lines = (block[2] ?? "").trimEnd().split("\n");
      return lines.map((line, index) => ({ file, line: first + index, command: line.trim() }));
    });
  });
}
