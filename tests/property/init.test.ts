import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseEnvironmentFile } from "../../src/config/file.ts";
import { AppError } from "../../src/core/app-error.ts";
import { readable } from "../../src/flows/init/answers.ts";
import { configurationOf, formProblems } from "../../src/flows/init/configuration.ts";
import { environmentFileText } from "../../src/flows/init/file-text.ts";
import { campaign } from "../support/campaign.ts";
import { anyAnswers, NOW, validAnswers } from "../unit/flows/init/generated-answers.ts";

describe("the file of a new environment", () => {
  it("says exactly what was answered, whatever the answers and the vendors' names are", () => {
    fc.assert(
      fc.property(validAnswers, fc.array(fc.string({ unit: "binary" }), { maxLength: 4 }), (answers, vendorNames) => {
        expect(formProblems(answers, NOW)).toEqual([]);
        const ids = [answers.accountId, answers.ownerId, ...answers.services];
        const names = new Map(ids.map((id, index) => [id, readable(vendorNames[index] ?? "")]));
        const text = environmentFileText(answers, names, NOW);
        const context = { environment: answers.environment, now: NOW, file: "Pulumi.yaml" };
        // The one thing that is added later, by Pulumi.
        const token =
          configurationOf(answers, NOW)["upstash"] === undefined ? "" : "\n    restToken: { secure: to-come }";
        const complete = text.replace(/^ {4}restUrl: .*$/m, (line) => line + token);
        expect(parseEnvironmentFile(complete, context).config).toEqual(configurationOf(answers, NOW));
      }),
      { numRuns: campaign(300) },
    );
  });

  it("is valid as it stands in phase kv", () => {
    fc.assert(
      fc.property(validAnswers, (answers) => {
        fc.pre(answers.phase === "kv");
        const text = environmentFileText(answers, new Map(), NOW);
        const context = { environment: answers.environment, now: NOW, file: "Pulumi.yaml" };
        expect(() => parseEnvironmentFile(text, context)).not.toThrow();
      }),
      { numRuns: campaign(200) },
    );
  });

  it("is refused with words about the answers, or made: nothing else happens to any answers", () => {
    fc.assert(
      fc.property(anyAnswers, (answers) => {
        const problems = formProblems(answers, NOW);
        if (problems.length > 0) {
          expect(problems.filter((line) => !/^--[a-z-]+: found .+, expected ./.test(line))).toEqual([]);
          return;
        }
        expect(() => environmentFileText(answers, new Map(), NOW)).not.toThrow(AppError);
      }),
      { numRuns: campaign(500) },
    );
  });
});
