import { readFile } from "node:fs/promises";

import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";

import { createGithubEmulator, type GithubEmulator } from "../../local-cloud/github/emulator.ts";
import { listen, type Listening } from "../../local-cloud/http/listen.ts";
import { systemSleep } from "../../local-cloud/system-sleep.ts";
import { systemRandom } from "../../src/core/random.ts";
import { connectGithub, type Github } from "../../src/vendors/github.ts";

/** Reduced by scripts/reduce-openapi.ts from GitHub's own description. */
const FIXTURE = new URL("../fixtures/github-openapi.json", import.meta.url);
const schemaSchema = z.record(z.string(), z.unknown());
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))),
  schemas: z.record(z.string(), schemaSchema),
});

let emulator: GithubEmulator;
let hosted: Listening;
let github: Github;
let ofPerson: Github;

beforeEach(async () => {
  emulator = createGithubEmulator({ repository: "acme/shop", random: systemRandom, sleep: systemSleep });
  hosted = await listen(emulator.fetch);
  const env = { GITHUB_API_URL: hosted.url, GITHUB_REPOSITORY: "acme/shop", GITHUB_TOKEN: emulator.token.reveal() };
  github = await connectGithub(env, () => undefined, 1);
  const personal = { ...env, GITHUB_TOKEN: emulator.personalToken.reveal() };
  ofPerson = await connectGithub(personal, () => undefined, 1);
});
afterEach(() => hosted.close());

describe("GitHub's API, as kvshift asks it", () => {
  it("gives all pages of the open requests", async () => {
    for (let number = 1; number <= 230; number += 1) emulator.open(number);
    emulator.close(7);
    const open = await github.openRequests();
    expect(open).toHaveLength(229);
    expect(open).not.toContain(7);
  });

  it("keeps one comment, on whichever page it is, and leaves others alone", async () => {
    emulator.open(1);
    for (let talk = 0; talk < 205; talk += 1) emulator.comment(1, "talk");
    await github.writeComment(1, "<!-- m -->", "<!-- m -->\none");
    for (let talk = 0; talk < 205; talk += 1) emulator.comment(1, "talk <!-- m -->");
    await github.writeComment(1, "<!-- m -->", "<!-- m -->\ntwo");
    const bodies = emulator.commentsOf(1).map(({ body }) => body);
    expect(bodies.filter((body) => body.startsWith("<!-- m -->"))).toEqual(["<!-- m -->\ntwo"]);
    expect(bodies).toHaveLength(411);
  });

  it("takes no person's comment for its own, however it begins", async () => {
    emulator.open(1);
    emulator.comment(1, "<!-- m -->\nmine now");
    await github.writeComment(1, "<!-- m -->", "<!-- m -->\none");
    await github.writeComment(1, "<!-- m -->", "<!-- m -->\ntwo");
    expect(emulator.commentsOf(1).map(({ body }) => body)).toEqual(["<!-- m -->\nmine now", "<!-- m -->\ntwo"]);
  });

  it("takes with a person's token no other person's comment for its own", async () => {
    emulator.open(1);
    emulator.comment(1, "<!-- m -->\nmine now");
    await ofPerson.writeComment(1, "<!-- m -->", "<!-- m -->\none");
    await ofPerson.writeComment(1, "<!-- m -->", "<!-- m -->\ntwo");
    const shown = emulator.commentsOf(1).map(({ body, user }) => `${user.login}: ${body.slice(11)}`);
    expect(shown).toEqual(["somebody: mine now", "maintainer: two"]);
  });

  it("says of one request whether it is open now, and of none where there is none", async () => {
    emulator.open(1);
    emulator.open(2);
    emulator.close(2);
    expect([await github.isOpen(1), await github.isOpen(2), await github.isOpen(3)]).toEqual([true, false, undefined]);
    emulator.faults.add({ method: "GET", path: /pulls/, fault: { kind: "answer", status: 403 } });
    await expect(github.isOpen(2)).rejects.toMatchObject({ code: "VENDOR_FAILED" });
  });

  it("repeats after a failure of GitHub, and explains a refusal without the token", async () => {
    emulator.open(1);
    emulator.faults.add({ method: "GET", path: /pulls/, fault: { kind: "answer", status: 502 } });
    expect(await github.openRequests()).toEqual([1]);
    emulator.faults.add({ method: "GET", path: /pulls/, fault: { kind: "answer", status: 403 } });
    const error: unknown = await github.openRequests().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "VENDOR_FAILED", details: ["HTTP 403"] });
    expect(JSON.stringify(error)).not.toContain(emulator.token.reveal());
  });

  it("waits for no limit that ends in an hour: that would hold a job until its own end", async () => {
    const reset = String(Math.ceil(Date.now() / 1000) + 3600);
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset };
    emulator.faults.add({ method: "GET", path: /pulls/, fault: { kind: "answer", status: 403, headers } });
    await expect(github.openRequests()).rejects.toMatchObject({ code: "VENDOR_FAILED", details: ["HTTP 403"] });
  });

  it.each(["http://github.example", "ftp://x", "github"])("sends no token to %s", async (url) => {
    const env = { GITHUB_API_URL: url, GITHUB_REPOSITORY: "acme/shop", GITHUB_TOKEN: "x" };
    await expect(connectGithub(env, () => undefined)).rejects.toMatchObject({ code: "USAGE" });
  });

  it("is answered by the emulator with statuses and properties of GitHub's own description", async () => {
    emulator.open(1);
    await ofPerson.writeComment(1, "<!-- m -->", "<!-- m -->\none");
    await ofPerson.writeComment(1, "<!-- m -->", "<!-- m -->\ntwo");
    await github.openRequests();
    await github.isOpen(1);
    const { paths, schemas } = documentSchema.parse(JSON.parse(await readFile(FIXTURE, "utf8")));
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    const seen = new Set<string>();
    for (const { method, path, status, response } of emulator.requestLog.drain()) {
      const template = Object.keys(paths).find((one) => patternOf(one).test(path.split("?")[0] ?? ""));
      const answer = paths[template ?? ""]?.[method]?.[String(status)];
      expect({ method, path, described: answer !== undefined }).toEqual({ method, path, described: true });
      seen.add(`${method} ${template ?? ""}`);
      const { items, oneOf, ...own } = schemaSchema.parse(answer);
      // Of a user the last form is the one without what only its owner sees.
      const { $ref } = schemaSchema.parse(items ?? [oneOf].flat().at(-1) ?? own);
      const reference = z.string().parse($ref);
      const item = schemas[reference.slice("#/schemas/".length)];
      const properties = schemaSchema.parse(item?.["properties"]);
      for (const shown of [response].flat()) {
        for (const [name, value] of Object.entries(schemaSchema.parse(shown))) {
          const validate = ajv.compile({ ...schemaSchema.parse(properties[name]), schemas });
          expect({ name, valid: validate(value) }).toEqual({ name, valid: true });
        }
      }
    }
    expect(seen.size).toBe(6);
  });
});

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`);
}
