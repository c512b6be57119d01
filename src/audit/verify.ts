import { type AuditRecord, type Head, headOf, NO_RECORD, readLine, type ReadLine, sha256 } from "./record.ts";

/** What is wrong with a log, and where it begins. */
export interface AuditFinding {
  readonly what: "changed" | "removed" | "duplicated" | "reordered" | "cut" | "unsigned" | "forked";
  /** Counts from 1. */
  readonly line: number;
  /** For people, in one sentence. */
  readonly message: string;
}

export interface AuditVerdict {
  /** Absent where the chain is whole. */
  readonly finding?: AuditFinding;
  /** The records up to the finding. */
  readonly records: readonly AuditRecord[];
  /** Of the chain up to the finding; absent where it is empty. */
  readonly head?: Head;
  /** Whether the head was compared with the one that the stack remembers. */
  readonly comparedWithStack: boolean;
  /** Records after the head that the stack remembers: a run broke off between the two. */
  readonly newerThanStack: number;
  /** Records whose signature was checked. */
  readonly signed: number;
  /** Torn lines of crashes, each with the record that says so after it. */
  readonly repaired: number;
}

export interface VerifyOptions {
  /** As the stack remembers it; absent: there is no stack, or it remembers none. */
  readonly head?: Head | undefined;
  /** Whether a signature fits a hash; absent: no public key is configured. */
  readonly checkSignature?: ((hash: string, signature: string) => boolean) | undefined;
}

interface Chain {
  readonly lines: readonly string[];
  readonly records: AuditRecord[];
  readonly hashes: string[];
  signed: number;
  repaired: number;
}

/**
 * Judges the text of a log: every change, removal, duplicate, exchange and cut of records is found, and the first one
 * is named. A tail that was cut off is found by the head that the stack remembers. Pure.
 */
export function verifyLog(text: string, { head, checkSignature }: VerifyOptions = {}): AuditVerdict {
  const lines = text.split("\n");
  const rest = lines.pop() ?? "";
  const chain: Chain = { lines, records: [], hashes: [], signed: 0, repaired: 0 };
  const finding =
    lines
      .map((_, index) => index)
      .reduce<AuditFinding | undefined>((found, index) => found ?? follow(chain, index, checkSignature), undefined) ??
    (rest === "" ? undefined : tornEnd(lines.length + 1)) ??
    compareWithStack(chain, head);
  const last = chain.hashes.at(-1);
  return {
    ...(finding === undefined ? {} : { finding }),
    records: chain.records,
    ...(last === undefined ? {} : { head: { sequence: chain.records.length, hash: last } }),
    comparedWithStack: head !== undefined,
    newerThanStack: head === undefined ? 0 : Math.max(0, chain.records.length - head.sequence),
    signed: chain.signed,
    repaired: chain.repaired,
  };
}

function follow(chain: Chain, index: number, check: VerifyOptions["checkSignature"]): AuditFinding | undefined {
  const line = chain.lines[index] ?? "";
  const read = readLine(line);
  const expected = chain.records.length + 1;
  if (read === undefined) {
    if (isRepaired(chain, index)) {
      chain.repaired += 1;
      return undefined;
    }
    return at(index, "changed", `Record ${String(expected)} is not what was written.`);
  }
  const { record } = read;
  const wrong = outOfPlace(chain, index, read) ?? unsigned(read, index, check);
  if (wrong !== undefined) return wrong;
  if (check !== undefined) chain.signed += 1;
  chain.records.push(record);
  chain.hashes.push(headOf(line, record.sequence).hash);
  return undefined;
}

/** A torn line counts as one only before the record that names it by its hash. */
function isRepaired({ lines }: Chain, index: number): boolean {
  const next = readLine(lines[index + 1] ?? "")?.record;
  return next?.kind === "repair" && next.details?.["torn"] === sha256(lines[index] ?? "");
}

function outOfPlace({ lines, records, hashes }: Chain, index: number, { record }: ReadLine): AuditFinding | undefined {
  const expected = records.length + 1;
  const { sequence, previous } = record;
  if (sequence === expected && previous === (hashes.at(-1) ?? NO_RECORD)) return undefined;
  if (sequence < expected) {
    return at(index, "duplicated", `Record ${String(sequence)} stands here again, where ${String(expected)} belongs.`);
  }
  if (sequence > expected) {
    const isLater = lines.slice(index + 1).some((line) => readLine(line)?.record.sequence === expected);
    if (isLater) return at(index, "reordered", `Record ${String(sequence)} stands before record ${String(expected)}.`);
    const gone = sequence - expected === 1 ? String(expected) : `${String(expected)} to ${String(sequence - 1)}`;
    return at(index, "removed", `Record ${gone} was removed.`);
  }
  return at(
    index,
    "forked",
    `Record ${String(sequence)} does not continue the record before it: that one was exchanged.`,
  );
}

function unsigned(
  { record, hash, signature }: ReadLine,
  index: number,
  check: VerifyOptions["checkSignature"],
): AuditFinding | undefined {
  if (check === undefined || (signature !== undefined && check(hash, signature))) return undefined;
  const how = signature === undefined ? "has no signature" : "has a signature that the configured key did not make";
  return at(index, "unsigned", `Record ${String(record.sequence)} ${how}.`);
}

function tornEnd(line: number): AuditFinding {
  return { what: "cut", line, message: "The last line is torn: a run was killed while it wrote, or the file was cut." };
}

function compareWithStack({ lines, records, hashes }: Chain, head: Head | undefined): AuditFinding | undefined {
  if (head === undefined) return undefined;
  if (head.sequence > records.length) {
    const message = `The log ends with record ${String(records.length)}, the stack remembers record ${String(head.sequence)}: its tail was cut off, or this checkout is older.`;
    return { what: "cut", line: lines.length + 1, message };
  }
  if (hashes[head.sequence - 1] === head.hash) return undefined;
  const message = `Record ${String(head.sequence)} is not the one that the stack remembers: the log was written anew.`;
  return { what: "forked", line: head.sequence, message };
}

function at(index: number, what: AuditFinding["what"], message: string): AuditFinding {
  return { what, line: index + 1, message };
}
