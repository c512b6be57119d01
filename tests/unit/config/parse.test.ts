import { describe, expect, it } from "vitest";

import { parseEnvironment } from "../../../src/config/parse.ts";
import { AppError } from "../../../src/core/app-error.ts";
import {
  change,
  changed,
  developmentValues,
  IN_DEVELOPMENT,
  IN_PRODUCTION,
  problemsOf,
  productionValues,
} from "./valid-configuration.ts";

describe("parseEnvironment", () => {
  it("returns the values of a development environment", () => {
    expect(parseEnvironment(developmentValues(), IN_DEVELOPMENT)).toEqual(developmentValues());
  });

  it("returns the values of a production environment", () => {
    expect(parseEnvironment(productionValues(), IN_PRODUCTION)).toEqual(productionValues());
  });

  it("reports every problem in one error, in the order of the values", () => {
    const values = changed(developmentValues(), {
      app: "Brain",
      phase: "dual",
      "namespaces.sessions.defaultTtlSeconds": 30,
      "render.services": ["srv-d0000000000000000001", "srv-d0000000000000000001"],
      "credentials.operator.active": "b",
    });
    let thrown: unknown;
    try {
      parseEnvironment(values, { ...IN_DEVELOPMENT, file: "Pulumi.dev.yaml" });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({
      code: "CONFIG_INVALID",
      exitCode: 2,
      problem: 'The configuration of environment "dev" has 5 problems. Nothing was changed.',
      details: [
        expect.stringMatching(/^kvshift:upstash \(Pulumi\.dev\.yaml\): found nothing in phase dual/),
        expect.stringMatching(
          /^kvshift:app \(Pulumi\.dev\.yaml\): found "Brain", expected .*; fix: write app: brainbot$/,
        ),
        expect.stringMatching(/^kvshift:namespaces\.sessions\.defaultTtlSeconds .*: found 30, expected 60 or more/),
        expect.stringMatching(/^kvshift:render\.services\[1\] /),
        expect.stringMatching(/^kvshift:credentials\.operator\.active /),
      ],
    });
  });

  it("goes on to the rules across keys where another key is malformed", () => {
    const values = changed(developmentValues(), {
      "namespaces.cache.cacheTtlSeconds": "x",
      "namespaces.cache.defaultTtlSeconds": 30,
      "credentials.application.slots.a.epoch": 0,
      "credentials.application.slots.b": "nothing",
    });
    expect(problemsOf(values).map(({ at }) => at)).toEqual([
      "kvshift:namespaces.cache.cacheTtlSeconds",
      "kvshift:credentials.application.slots.b",
      "kvshift:namespaces.cache.defaultTtlSeconds",
      "kvshift:credentials.application.slots.a.epoch",
    ]);
  });

  it("never shows what stands where a secret belongs, nor what may be a misplaced one", () => {
    const pasted = "fake".repeat(10);
    const values = changed(developmentValues(), {
      "cloudflare.accountId": pasted,
      upstash: { restUrl: `https://default:${pasted}@example.com`, restToken: pasted, restTokn: pasted },
      upstashToken: pasted,
    });
    const problems = problemsOf(values);
    expect(problems).toHaveLength(5);
    expect(JSON.stringify(problems)).not.toContain(pasted);
  });

  it("gives the position of each problem where the caller knows it", () => {
    const values = change(developmentValues(), "namespaces.cache.defaultTtlSeconds", 30);
    expect(() =>
      parseEnvironment(values, { ...IN_DEVELOPMENT, file: "Pulumi.dev.yaml", locate: () => ({ line: 17, column: 5 }) }),
    ).toThrow(
      expect.objectContaining({
        details: [
          expect.stringMatching(
            /^kvshift:namespaces\.cache\.defaultTtlSeconds \(Pulumi\.dev\.yaml:17:5\): found 30, expected 60 or more.*; fix: raise/,
          ),
        ],
      }),
    );
  });
});
