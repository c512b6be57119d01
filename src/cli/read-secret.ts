import { isCancel, password } from "@clack/prompts";

import { AppError } from "../core/app-error.ts";
import { Secret } from "../core/secret.ts";

/** No token is longer, and nothing without an end is read. */
const MAX_BYTES = 64 * 1024;

type Input = AsyncIterable<Buffer | string> & { readonly isTTY?: boolean };

/**
 * A secret from standard input, or asked for on a terminal without showing it. Never from the command line, which every
 * user of the machine can see.
 *
 * @throws AppError USAGE where it is empty or too long; NOT_CONFIRMED where the person breaks off
 */
export async function readSecret(what: string, input: Input): Promise<Secret> {
  const text = input.isTTY === true ? await asked(what) : (await all(input)).replace(/\r?\n$/, "");
  if (text !== "") return new Secret(text);
  throw new AppError("USAGE", { problem: `${what} is empty.`, fix: "Give it on standard input, or type it." });
}

async function asked(what: string): Promise<string> {
  const answer = await password({ message: `${what}:`, output: process.stderr });
  if (!isCancel(answer)) return answer.trim();
  throw new AppError("NOT_CONFIRMED", {
    problem: "The question was broken off; nothing was changed.",
    fix: "Run the command again.",
  });
}

async function all(input: Input): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > MAX_BYTES) {
      throw new AppError("USAGE", {
        problem: `What came on standard input is longer than ${String(MAX_BYTES)} bytes: it is no token.`,
        fix: "Give the token alone.",
      });
    }
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
