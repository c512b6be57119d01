import { describe, expect, it } from "vitest";

import { AppError } from "../../../../src/core/app-error.ts";
import type { EnvironmentKind } from "../../../../src/core/names.ts";
import { servedElsewhere, settleServices } from "../../../../src/flows/ownership/served-elsewhere.ts";
import { group } from "../reconcile/vendor-objects.ts";
import { configOf } from "../status/observation.ts";

const others = (kind: EnvironmentKind | undefined) => [
  {
    group: group("evg-2", "brainbot-other-cloudflare-kv", [], ["web", "jobs"]),
    owner: { who: "the environment other", kind, evidence: "its name is brainbot-other-cloudflare-kv" },
  },
];

interface Run {
  readonly kind?: EnvironmentKind;
  readonly theirs?: EnvironmentKind | undefined;
  readonly services?: readonly string[];
  readonly yes?: boolean;
  readonly answer?: boolean;
}

async function settle({ kind = "development", services = ["srv-web"], yes, answer = false, ...rest }: Run) {
  const theirs = "theirs" in rest ? rest.theirs : "development";
  const warnings: string[] = [];
  const questions: string[] = [];
  const served = servedElsewhere({ others: others(theirs) }, services);
  const outcome = await settleServices({ name: "dev", config: { ...configOf(), kind } }, served, yes, {
    emit: (event) => {
      if (event.type === "warning") warnings.push(event.text);
    },
    confirm: async (question) => {
      questions.push(question);
      return answer;
    },
  }).then(
    () => "went on",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
  return { outcome, warnings, questions };
}

describe("settleServices", () => {
  it("has nothing to ask where no other environment serves the services", async () => {
    expect(await settle({ services: ["srv-own"] })).toEqual({ outcome: "went on", warnings: [], questions: [] });
  });

  it.each<[EnvironmentKind, EnvironmentKind | undefined]>([
    ["production", "development"],
    ["production", "preview"],
    ["development", "production"],
    ["preview", "production"],
    ["production", undefined],
  ])("refuses in %s what the group of %s serves, whoever says yes", async (kind, theirs) => {
    const { outcome, questions } = await settle({ kind, theirs, yes: true, answer: true });
    expect({ outcome, questions }).toEqual({ outcome: "SERVED_ELSEWHERE", questions: [] });
  });

  it("asks outside of production, and warns", async () => {
    const { outcome, warnings, questions } = await settle({ answer: true });
    expect(outcome).toBe("went on");
    expect(questions).toEqual(["Link web to the group of dev, although another environment serves it?"]);
    expect(warnings).toEqual([
      expect.stringMatching(/^web \(srv-web\): the group brainbot-other-cloudflare-kv .* of the environment other /),
    ]);
  });

  it("says that nobody here knows whether the other one is production, and asks", async () => {
    const { outcome, warnings, questions } = await settle({ theirs: undefined, answer: true });
    expect({ outcome, asked: questions.length }).toEqual({ outcome: "went on", asked: 1 });
    expect(warnings[0]).toContain("whether that is production is not known here");
  });

  it("goes no further where a person says no", async () => {
    expect((await settle({})).outcome).toBe("NOT_CONFIRMED");
  });

  it("takes --yes for an answer, and warns all the same", async () => {
    const { outcome, warnings, questions } = await settle({ yes: true });
    expect({ outcome, questions, warned: warnings.length }).toEqual({ outcome: "went on", questions: [], warned: 1 });
  });
});
