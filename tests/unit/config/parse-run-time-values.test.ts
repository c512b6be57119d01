import { describe, expect, it } from "vitest";

import { parseEnvironment } from "../../../src/config/parse.ts";
import { Secret } from "../../../src/core/secret.ts";
import { change, changed, developmentValues, IN_DEVELOPMENT, problemsOf, upstash } from "./valid-configuration.ts";

const decrypted = { ...IN_DEVELOPMENT, secrets: "decrypted" } as const;
const dual = () =>
  changed(developmentValues(), { phase: "dual", upstash: { ...upstash(), restToken: "fake".repeat(4) } });

describe("what Pulumi hands to a program", () => {
  it("takes numbers that Pulumi wrote as strings", () => {
    const values = changed(dual(), {
      readShare: "25",
      "namespaces.cache.cacheTtlSeconds": "60",
      "credentials.application.slots.a.epoch": "7",
    });
    const config = parseEnvironment(values, decrypted);
    expect(config.readShare).toBe(25);
    expect(config.namespaces["cache"]?.cacheTtlSeconds).toBe(60);
    expect(config.credentials.application.slots.a.epoch).toBe(7);
  });

  it.each(["025", " 25", "25.0", "2e1", "0x19", "-1", "", "٢٥"])("refuses %j as a number", (text) => {
    expect(problemsOf(change(dual(), "readShare", text), decrypted).map(({ at }) => at)).toEqual(["kvshift:readShare"]);
  });

  it("leaves text of digits alone where text belongs", () => {
    const values = changed(developmentValues(), { "credentials.operator.rotation": "20270101" });
    expect(parseEnvironment(values, decrypted).credentials.operator.rotation).toBe("20270101");
  });

  it("keeps the token of Upstash as a secret", () => {
    const token = parseEnvironment(dual(), decrypted).upstash?.restToken;
    expect(token instanceof Secret && token.reveal()).toBe("fake".repeat(4));
    expect(JSON.stringify(token)).toBe('"[secret]"');
  });

  it("refuses a token that is empty or still encrypted", () => {
    expect(problemsOf(change(dual(), "upstash.restToken", ""), decrypted)).toMatchObject([
      { at: "kvshift:upstash.restToken", found: "an empty string" },
    ]);
    expect(problemsOf(change(dual(), "upstash.restToken", { secure: "v1:fake" }), decrypted)).toMatchObject([
      { at: "kvshift:upstash.restToken", found: "a value that Pulumi did not decrypt" },
    ]);
  });
});
