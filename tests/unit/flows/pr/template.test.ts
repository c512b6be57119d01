import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { BEFORE_ANY_EXPIRY } from "../../../../src/core/clock.ts";
import { asPreview, credentialsEnd, readTemplate } from "../../../../src/flows/pr/template.ts";
import { CHECKOUT } from "../../../support/kvshift.ts";

let folder: string;
const project = () => ({ folder, name: "kvshift", backendUrl: undefined });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kvshift-template-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the template of previews", () => {
  it("gets the services of one preview, and stays as it is otherwise", async () => {
    const text = await readFile(join(CHECKOUT, "Pulumi.preview.yaml"), "utf8");
    await writeFile(join(folder, "Pulumi.preview.yaml"), text);
    const template = await readTemplate(project(), "pr-42", BEFORE_ANY_EXPIRY);
    const one = { services: ["srv-d0000000000000000042"], expires: "2026-12-08T09:30:00.000Z" };
    const { config, isOwn } = asPreview(template, "pr-42", one, BEFORE_ANY_EXPIRY);
    const { credentials: _before, ...before } = template.config;
    const { credentials, ...after } = config;
    expect(after).toEqual({ ...before, render: { ...before.render, services: one.services } });
    for (const role of ["application", "operator"] as const) {
      expect(credentials[role].slots.a.expiresAt).toBe("2026-12-10T00:00:00Z");
      expect(credentials[role].slots.b).toEqual({ epoch: 0, state: "empty" });
    }
    expect(isOwn).toBe(false);
    expect(await readFile(join(folder, "Pulumi.preview.yaml"), "utf8")).toBe(text);
  });

  it("ends credentials after the preview, at most a week, and not later for each push", () => {
    expect(credentialsEnd("2026-12-03T00:00:00.000Z")).toBe("2026-12-10T00:00:00Z");
    expect(credentialsEnd("2026-12-09T23:59:59.999Z")).toBe("2026-12-10T00:00:00Z");
  });

  it("is refused where it is not what a preview needs", async () => {
    await writeFile(join(folder, "Pulumi.preview.yaml"), "config:\n  kvshift:kind: development\n  kvshift:app: 7\n");
    const reading = readTemplate(project(), "pr-42", BEFORE_ANY_EXPIRY);
    await expect(reading).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  it("says where to begin when there is none", async () => {
    await expect(readTemplate(project(), "pr-42", BEFORE_ANY_EXPIRY)).rejects.toMatchObject({
      code: "CONFIG_NOT_FOUND",
    });
  });
});
