import { describe, expect, it } from "vitest";

import { Interview } from "../../../../src/flows/init/interview.ts";
import { scriptedPrompts } from "./scripted-prompts.ts";

const QUESTION = { flag: "--account", text: "Which account?" };
const CHOICES = [
  { value: "a1", label: "first", hint: "a1" },
  { value: "a2", label: "second", hint: "closed" },
];
const TEXT = { problemOf: () => undefined };

describe("an interview where nobody can answer", () => {
  it("takes the only choice and says so", async () => {
    const interview = new Interview(undefined);
    expect(await interview.choose(QUESTION, CHOICES.slice(0, 1))).toBe("a1");
    expect(await interview.chooseSeveral(QUESTION, CHOICES.slice(1))).toEqual(["a2"]);
    expect(interview.taken).toEqual([
      "--account a1 (first): the only choice",
      "--account a2 (second, closed): the only choice",
    ]);
    expect(interview.isIncomplete).toBe(false);
  });

  it("names each of several choices with the flag to pass, and everything that is missing together", async () => {
    const interview = new Interview(undefined);
    expect(await interview.choose(QUESTION, CHOICES)).toBeUndefined();
    expect(await interview.chooseSeveral({ ...QUESTION, flag: "--service" }, CHOICES)).toEqual([]);
    expect(await interview.write({ ...QUESTION, flag: "--app" }, "a name", TEXT)).toBeUndefined();
    interview.lacks("--workspace: there is none");
    expect(interview.isIncomplete).toBe(true);
    expect(interview.incomplete()).toMatchObject({
      code: "USAGE",
      exitCode: 2,
      details: [
        "--account a1 (first)",
        "--account a2 (second, closed)",
        "--service a1 (first)",
        "--service a2 (second, closed)",
        "--app: expected a name",
        "--workspace: there is none",
      ],
    });
  });

  it("names fifty choices of many, and how many more there are", async () => {
    const interview = new Interview(undefined);
    const many = Array.from({ length: 60 }, (_, index) => ({ value: String(index), label: "" }));
    await interview.choose(QUESTION, many);
    const { details } = interview.incomplete();
    expect([details.length, details[0], details.at(-1)]).toEqual([51, "--account 0", "--account: and 10 more"]);
  });
});

describe("an interview with a person", () => {
  it("asks what has several answers", async () => {
    const { prompts, asked } = scriptedPrompts("a2", ["a1", "a2"], "text");
    const interview = new Interview(prompts);
    expect(await interview.choose(QUESTION, CHOICES, "a1")).toBe("a2");
    expect(await interview.chooseSeveral(QUESTION, CHOICES)).toEqual(["a1", "a2"]);
    expect(await interview.write(QUESTION, "a name", { ...TEXT, suggested: "old" })).toBe("text");
    const [question, choices] = ["Which account?", ["a1", "a2"]];
    expect(asked).toEqual([
      { question, choices, suggested: "a1" },
      { question, choices },
      { question, suggested: "old" },
    ]);
    expect(interview.isIncomplete).toBe(false);
  });

  it("does not ask where there is one answer only", async () => {
    const { prompts, asked } = scriptedPrompts();
    expect(await new Interview(prompts).choose(QUESTION, CHOICES.slice(0, 1))).toBe("a1");
    expect(asked).toEqual([]);
  });
});
