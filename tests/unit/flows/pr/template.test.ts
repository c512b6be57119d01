import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { BEFORE_ANY_EXPIRY } from "../../../../src/core/clock.ts";
import { readTemplate, withServices } from "../../../../src/flows/pr/template.ts";
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
    const file = withServices(template, "pr-42", ["srv-d0000000000000000042"], BEFORE_ANY_EXPIRY);
    const render = { ...template.config.render, services: ["srv-d0000000000000000042"] };
    expect(file.config).toEqual({ ...template.config, render });
    expect(file.isOwn).toBe(false);
    expect(await readFile(join(folder, "Pulumi.preview.yaml"), "utf8")).toBe(text);
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
