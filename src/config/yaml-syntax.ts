import { type Document, type ErrorCode, LineCounter, parseDocument } from "yaml";

import { AppError } from "../core/app-error.ts";

/** Far above any real configuration; keeps a hostile file from occupying the machine. */
export const MAX_FILE_BYTES = 1024 * 1024;

export interface YamlSource {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** One place in a file and what is wrong there. The parser's own messages quote the file, which may hold secrets. */
interface SyntaxFault {
  readonly line: number;
  readonly column: number;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

const FAULTS: Partial<Record<ErrorCode, Pick<SyntaxFault, "found" | "expected" | "fix">>> = {
  BAD_ALIAS: {
    found: "a malformed alias",
    expected: "a value",
    fix: "write the value out, or quote text that starts with *",
  },
  BAD_DQ_ESCAPE: {
    found: "an unknown escape",
    expected: "an escape of YAML",
    fix: "double the backslash, or use single quotes",
  },
  BAD_INDENT: { found: "wrong indentation", expected: "two spaces a level", fix: "align the line with its siblings" },
  BAD_SCALAR_START: { found: "a reserved character", expected: "a value", fix: "put the value in quotes" },
  BLOCK_AS_IMPLICIT_KEY: {
    found: "a second colon in the line",
    expected: "one key a line",
    fix: "quote the value, or start a new line",
  },
  MISSING_CHAR: {
    found: "an unfinished value",
    expected: "a closing quote, bracket, brace, or a space after the colon",
    fix: "close or separate it",
  },
  MULTILINE_IMPLICIT_KEY: { found: "a key without a colon", expected: "key: value", fix: "add the colon" },
  MULTIPLE_DOCS: {
    found: "a second document",
    expected: "one document in the file",
    fix: "remove everything from --- on",
  },
  RESOURCE_EXHAUSTION: {
    found: "brackets nested too deeply",
    expected: "the keys of docs/configuration.md",
    fix: "remove the nesting",
  },
  TAB_AS_INDENT: { found: "a tab in the indentation", expected: "spaces", fix: "replace each tab with two spaces" },
};
const OTHER_FAULT = {
  found: "something that is not YAML here",
  expected: "valid YAML",
  fix: "correct or quote this place",
};

/**
 * Parses the text of a configuration file. Throws `CONFIG_NOT_YAML` with every place where the syntax is broken, and
 * `CONFIG_INVALID` for a file over `MAX_FILE_BYTES`. Duplicate keys and aliases are left to the reader of the document.
 */
export function parseYaml(text: string, file: string): YamlSource {
  refuseLargeFile(text, file);
  const lines = new LineCounter();
  const tabs = tabsInIndentation(text);
  if (tabs.length > 0) throw notYaml(file, tabs);
  const document = composed(text, lines, file);
  const faults = document.errors.map(({ code, pos }) => {
    const { line, col } = lines.linePos(pos[0]);
    return { line, column: Math.max(col, 1), ...(FAULTS[code] ?? OTHER_FAULT) };
  });
  if (faults.length > 0) throw notYaml(file, faults);
  return { document, lines };
}

function refuseLargeFile(text: string, file: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_FILE_BYTES) return;
  throw new AppError("CONFIG_INVALID", {
    problem: `The configuration file ${file} is too large.`,
    details: [
      `${file}: found ${String(bytes)} bytes, expected at most ${String(MAX_FILE_BYTES)}; fix: restore the file`,
    ],
    fix: "Restore the file from git: a configuration holds a few kilobytes.",
  });
}

function composed(text: string, lineCounter: LineCounter, file: string): Document.Parsed {
  try {
    // Pretty errors quote the text. Unique keys are checked with their paths later, and in linear time.
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, logLevel: "error" });
  } catch (error) {
    // The parser recurses: brackets nested by the thousand exhaust the call stack.
    if (!(error instanceof RangeError)) throw error;
    throw notYaml(file, [{ line: 1, column: 1, ...OTHER_FAULT, found: "brackets nested too deeply" }]);
  }
}

function tabsInIndentation(text: string): SyntaxFault[] {
  const fault = { found: "a tab in the indentation", expected: "spaces", fix: "replace each tab with two spaces" };
  return text.split("\n").flatMap((line, index) => {
    const indentation = /^[ \t]*(?=[^ \t\r])/.exec(line)?.[0] ?? "";
    const column = indentation.indexOf("\t") + 1;
    return column === 0 ? [] : [{ line: index + 1, column, ...fault }];
  });
}

const MAX_FAULTS = 20;

function notYaml(file: string, faults: readonly SyntaxFault[]): AppError {
  const shown = faults.slice(0, MAX_FAULTS).map(({ line, column, found, expected, fix }) => {
    return `${file}:${String(line)}:${String(column)}: found ${found}, expected ${expected}; fix: ${fix}`;
  });
  const more = faults.length - shown.length;
  return new AppError("CONFIG_NOT_YAML", {
    problem: `The configuration file ${file} is not valid YAML. Nothing was changed.`,
    details: more > 0 ? [...shown, `${file}: and ${String(more)} more`] : shown,
    fix: `Correct the places above in ${file}, then run the same command again.`,
  });
}
