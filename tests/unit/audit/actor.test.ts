import { hostname, userInfo } from "node:os";

import { describe, expect, it } from "vitest";

import { actorOf, commitOf } from "../../../src/audit/actor.ts";
import { tempDir } from "../../support/temp-dir.ts";

const CI = {
  ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.example/id?v=1",
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request-key",
  GITHUB_ACTIONS: "true",
  GITHUB_REPOSITORY: "org/app",
  GITHUB_REF: "refs/heads/main",
  GITHUB_RUN_ID: "7",
};
const tokenFor = (claims: object) => `head.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;
const answering =
  (body: unknown, asked: string[] = []): typeof fetch =>
  (input, init) => {
    asked.push(
      input instanceof Request ? input.url : input.toString(),
      new Headers(init?.headers).get("authorization") ?? "",
    );
    return Promise.resolve(new Response(JSON.stringify(body)));
  };
const nobody: typeof fetch = () => Promise.reject(new Error("nobody is to be asked"));

describe("who is recorded", () => {
  it("is the subject of CI's OIDC token, asked for with an audience of our own", async () => {
    const asked: string[] = [];
    const subject = "repo:org/app:environment:prod";
    const actor = await actorOf(CI, answering({ value: tokenFor({ sub: subject }) }, asked));
    expect(actor).toEqual({ kind: "ci", name: subject, machine: hostname() });
    expect(asked).toEqual(["https://token.example/id?v=1&audience=kvshift", "Bearer request-key"]);
  });

  it.each([{ value: "no token" }, { value: tokenFor({}) }, {}, "text"])(
    "is what the workflow says of itself where the token is %j",
    async (answer) => {
      expect(await actorOf(CI, answering(answer))).toMatchObject({
        kind: "operator",
        name: "org/app refs/heads/main 7",
      });
    },
  );

  it("is the user of the machine elsewhere", async () => {
    expect(await actorOf({}, nobody)).toEqual({
      kind: "operator",
      name: userInfo().username,
      machine: hostname(),
    });
  });
});

describe("the commit that is recorded", () => {
  it("is none where the project is in no checkout", async () => {
    expect(await commitOf(await tempDir())).toBeUndefined();
  });
});
