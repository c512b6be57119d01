import { describe, expect, it } from "vitest";
import { z } from "zod";

import { AppError } from "../../../src/core/app-error.ts";
import { expectStatus, parseAnswer } from "../../../src/vendors/expect.ts";
import type { Answer } from "../../../src/vendors/vendor-api.ts";

const answer = (status: number | undefined, json?: unknown): Answer => ({
  status,
  json,
  summary: `GET /things: answered ${String(status)}`,
});

function refusal(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("expectStatus", () => {
  it("returns an answer with one of the statuses as it is", () => {
    const gone = answer(404);
    expect(expectStatus("Render", gone, [200, 404])).toBe(gone);
  });

  it("says what was asked and what Cloudflare's envelope says", () => {
    const envelope = {
      success: false,
      errors: [
        { code: 10000, message: "Authentication error" },
        { code: 7003, message: "Could not route" },
      ],
    };
    expect(refusal(() => expectStatus("Cloudflare", answer(403, envelope), [200]))).toMatchObject({
      code: "VENDOR_FAILED",
      problem: "Cloudflare did not do what was asked.",
      details: ["GET /things: answered 403", "10000: Authentication error; 7003: Could not route"],
      fix: expect.stringContaining("missing permission"),
      retryable: false,
    });
  });

  it("says what Render's message says", () => {
    const { details } = refusal(() => expectStatus("Render", answer(400, { id: "e", message: "bad request" }), [200]));
    expect(details).toEqual(["GET /things: answered 400", "bad request"]);
  });

  it("shows nothing else of the answer", () => {
    const payload = { errors: [], result: { value: "s".repeat(20) }, envVars: [{ value: "s".repeat(20) }] };
    const error = refusal(() => expectStatus("Cloudflare", answer(500, payload), [200]));
    expect(error.details).toEqual(["GET /things: answered 500"]);
    expect(JSON.stringify(error) + error.message).not.toContain("sss");
  });

  it("shortens a reason that is a whole page", () => {
    const { details } = refusal(() => expectStatus("Render", answer(400, { message: "m".repeat(10_000) }), [200]));
    expect(details[1]).toHaveLength(300);
  });

  it.each([
    [401, /doctor/],
    [403, /permission/],
    [429, /wait five minutes/],
    [500, /incident/],
    [undefined, /incident and whether the network works/],
  ])("has a fix for %s", (status, fix) => {
    expect(refusal(() => expectStatus("Cloudflare", answer(status), [200])).fix).toMatch(fix);
  });

  it.each([
    [undefined, true],
    [429, true],
    [500, true],
    [503, true],
    [400, false],
    [401, false],
    [404, false],
  ])("says of %s whether the same call may succeed later: %s", (status, retryable) => {
    expect(refusal(() => expectStatus("Cloudflare", answer(status), [200])).retryable).toBe(retryable);
  });
});

describe("parseAnswer", () => {
  const schema = z.object({ result: z.array(z.object({ id: z.string(), value: z.string() })) });

  it("returns what the schema makes of the answer", () => {
    expect(parseAnswer("Cloudflare", answer(200, { result: [{ id: "a", value: "b", more: 1 }] }), schema)).toEqual({
      result: [{ id: "a", value: "b" }],
    });
  });

  it("names the places that it does not understand, and shows no value", () => {
    const json = {
      result: [
        { id: "a", value: "fine" },
        { id: 7, secret: "s".repeat(20) },
      ],
    };
    const error = refusal(() => parseAnswer("Cloudflare", answer(200, json), schema));
    expect(error).toMatchObject({
      code: "VENDOR_FAILED",
      problem: "Cloudflare answered in a form that kvshift does not know.",
      details: ["GET /things: answered 200", "not understood: result.1.id, result.1.value"],
      retryable: false,
    });
    expect(JSON.stringify(error)).not.toContain("sss");
  });

  it("names the whole answer where it is no JSON", () => {
    const { details } = refusal(() => parseAnswer("Render", answer(200), schema));
    expect(details[1]).toBe("not understood: the whole answer");
  });

  it("names five places of many, each once", () => {
    const json = { result: Array.from({ length: 50 }, () => ({})) };
    const { details } = refusal(() => parseAnswer("Cloudflare", answer(200, json), schema));
    expect(details[1]?.split(", ")).toHaveLength(5);
  });
});
