import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseEnvironmentFile } from "../../src/config/file.ts";
import { AppError } from "../../src/core/app-error.ts";
import { asFile, NOW, validEnvironment } from "../unit/config/generated-environments.ts";
import { campaign } from "../support/campaign.ts";

/** What `parseEnvironmentFile` throws, or "taken". */
function outcomeOf(text: string, environment: string): unknown {
  try {
    parseEnvironmentFile(text, { environment, now: NOW, file: "Pulumi.dev.yaml" });
    return "taken";
  } catch (error) {
    return error;
  }
}

describe("parseEnvironmentFile", () => {
  it("takes every valid configuration", () => {
    fc.assert(
      fc.property(validEnvironment, (generated) => {
        const context = { environment: generated.environment, now: NOW, file: "Pulumi.yaml" };
        const quotedKeys = asFile(generated).replaceAll(/^ {4}(y|n|yes|no|on|off|null|true|false):/gm, '    "$1":');
        expect(parseEnvironmentFile(quotedKeys, context).config).toEqual(generated.values);
      }),
    );
  });

  const fragment = fc.oneof(
    fc.constantFrom(
      "config:",
      "  kvshift:",
      "app",
      ": ",
      "\n",
      "\r\n",
      "  ",
      "- ",
      "{",
      "}",
      "[",
      "]",
      "&a ",
      "*a",
      "!!str ",
      "|\n",
      '"',
      "'",
      "#",
      "---\n",
      "...\n",
      "<<: ",
      "? ",
      "\t",
      "\0",
      "__proto__: ",
      "%YAML 1.1\n",
      "2027-01-01",
      "0x1",
    ),
    fc.string({ unit: "binary" }),
  );
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join("")),
  );

  it("throws nothing but an AppError", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(outcomeOf(text, "dev")).toBeInstanceOf(AppError);
      }),
      { numRuns: campaign(1500) },
    );
  });

  it("throws nothing but an AppError for a valid file with any text put in", () => {
    fc.assert(
      fc.property(validEnvironment, anyText, fc.nat(), (generated, inserted, seed) => {
        const text = asFile(generated);
        const at = seed % (text.length + 1);
        const outcome = outcomeOf(text.slice(0, at) + inserted + text.slice(at), generated.environment);
        expect(outcome === "taken" || outcome instanceof AppError).toBe(true);
      }),
      { numRuns: campaign(300) },
    );
  });
});
