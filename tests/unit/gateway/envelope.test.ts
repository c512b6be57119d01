import { describe, expect, it } from "vitest";

import {
  answer,
  CODES,
  invalid,
  keyNotFound,
  methodNotAllowed,
  outOfScope,
  Refusal,
  refuse,
  unauthenticated,
  unavailable,
} from "../../../src/gateway/envelope.ts";

describe("an answer", () => {
  it("is Cloudflare's envelope around the result", async () => {
    const response = answer({ id: "i" });
    expect({ status: response.status, type: response.headers.get("content-type") }).toEqual({
      status: 200,
      type: "application/json",
    });
    expect(await response.json()).toEqual({ success: true, errors: [], messages: [], result: { id: "i" } });
  });

  it("has information on the page only where there are pages", async () => {
    const envelope = (await answer([], { count: 0, cursor: "" }).json()) as object;
    expect(envelope).toMatchObject({ result_info: { count: 0, cursor: "" } });
    expect(await answer(null).json()).not.toHaveProperty("result_info");
  });
});

describe("a refusal", () => {
  it("is an envelope with one error and no result", async () => {
    const response = refuse(new Refusal(418, 1, "No."));
    expect({ status: response.status, type: response.headers.get("content-type") }).toEqual({
      status: 418,
      type: "application/json",
    });
    expect(await response.json()).toEqual({
      success: false,
      errors: [{ code: 1, message: "No." }],
      messages: [],
      result: null,
    });
  });

  it("says when to come back only where that makes sense", () => {
    expect(
      refuse(new Refusal(429, CODES.TOO_MANY_WRITES, "Later.", { retryAfter: 3 })).headers.get("retry-after"),
    ).toBe("3");
    expect(refuse(invalid("Never.")).headers.has("retry-after")).toBe(false);
  });

  it("says which methods a path takes, HEAD wherever it takes GET", () => {
    const refused = refuse(methodNotAllowed(["GET", "PUT"]));
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "HEAD, GET, PUT"]);
    expect(refuse(methodNotAllowed(["POST"])).headers.get("allow")).toBe("POST");
  });

  // Clients tell what happened by status and code: they are Cloudflare's.
  it.each([
    ["a broken rule", invalid("m"), 400, 10001],
    ["something too large", invalid("m", 413), 413, 10001],
    ["a credential that is not valid", unauthenticated(), 401, 10000],
    ["a namespace out of reach", outOfScope(), 404, 10013],
    ["a key that is not there", keyNotFound(), 404, 10009],
    ["storage that does not answer", unavailable("m"), 503, 10002],
  ])("of %s has its status and code", (_, refusal, status, code) => {
    expect({ status: refusal.status, code: refusal.code }).toEqual({ status, code });
  });

  it("asks for a repetition where storage does not answer", () => {
    expect(unavailable("m").retryAfter).toBe(1);
  });
});
