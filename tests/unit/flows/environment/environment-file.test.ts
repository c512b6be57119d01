import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import {
  keepEncryptionSalt,
  listEnvironments,
  readEnvironmentFile,
} from "../../../../src/flows/environment/environment-file.ts";
import { CHECKOUT } from "../../../support/kvshift.ts";
import { tempDir } from "../../../support/temp-dir.ts";

const clock = { now: () => Date.parse("2026-12-01T00:00:00Z") };
const SALT = "v1:fake=:v1:fake:fake==";

async function project(files: Readonly<Record<string, string>> = {}) {
  const folder = await tempDir();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return { folder, name: "kvshift", backendUrl: undefined };
}

const exampleText = () => readFile(join(CHECKOUT, "Pulumi.dev.yaml"), "utf8");

describe("listEnvironments", () => {
  it("lists the environments that have a file, in order", async () => {
    const theirs = await project({
      "Pulumi.yaml": "",
      "Pulumi.prod.yaml": "",
      "Pulumi.dev.yaml": "",
      "Pulumi.pr-12.yaml": "",
      "Pulumi.dev.yaml.bak": "",
      "Pulumi.DEV.yaml": "",
      "my.Pulumi.x.yaml": "",
    });
    expect(await listEnvironments(theirs)).toEqual(["dev", "pr-12", "prod"]);
  });
});

describe("readEnvironmentFile", () => {
  it("reads and checks the file of an environment", async () => {
    const text = `secretsprovider: passphrase\nencryptionsalt: ${SALT}\n${await exampleText()}`;
    const theirs = await project({ "Pulumi.dev.yaml": text });
    const { path, config, ...rest } = await readEnvironmentFile(theirs, "dev", clock);
    expect(path).toBe(join(theirs.folder, "Pulumi.dev.yaml"));
    expect(config).toMatchObject({ kind: "development", app: "brainbot" });
    expect(rest).toEqual({ text, encryptionSalt: SALT, secretsProvider: "passphrase", isOwn: true });
  });

  it("names the environments that exist where one does not", async () => {
    const theirs = await project({ "Pulumi.prod.yaml": "", "Pulumi.dev.yaml": "" });
    await expect(readEnvironmentFile(theirs, "staging", clock)).rejects.toMatchObject({
      code: "CONFIG_NOT_FOUND",
      problem: `There is no Pulumi.staging.yaml in ${theirs.folder}.`,
      details: ["environments here: dev, prod"],
    });
    const empty = await project();
    await expect(readEnvironmentFile(empty, "dev", clock)).rejects.toMatchObject({ details: [] });
  });

  it("names the file in the problems of its configuration", async () => {
    const theirs = await project({ "Pulumi.dev.yaml": "config: {}\n" });
    await expect(readEnvironmentFile(theirs, "dev", clock)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      fix: expect.stringContaining("Pulumi.dev.yaml"),
    });
  });

  it("takes no other file for an environment's, however the name is written", async () => {
    const theirs = await project({ "Pulumi.dev.yaml": await exampleText() });
    await mkdir(join(theirs.folder, "Pulumi.x"));
    for (const name of ["../dev", "x/../Pulumi.dev", ""]) {
      await expect(readEnvironmentFile(theirs, name, clock)).rejects.toMatchObject({ exitCode: 2 });
    }
  });

  it("refuses a token that has expired by the clock it is given", async () => {
    const text = (await exampleText()).replaceAll("expiresAt: never", 'expiresAt: "2026-11-30T00:00:00Z"');
    const theirs = await project({ "Pulumi.dev.yaml": text });
    await expect(readEnvironmentFile(theirs, "dev", clock)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    const earlier = { now: () => Date.parse("2026-11-29T00:00:00Z") };
    await expect(readEnvironmentFile(theirs, "dev", earlier)).resolves.toMatchObject({ text });
  });
});

describe("keepEncryptionSalt", () => {
  it("adds the salt and leaves every other character alone", async () => {
    const text = await exampleText();
    const theirs = await project({ "Pulumi.dev.yaml": text });
    const file = await readEnvironmentFile(theirs, "dev", clock);
    expect(await keepEncryptionSalt(file, SALT)).toBe("written");
    const written = await readFile(file.path, "utf8");
    expect(written.replace(/^encryptionsalt: .*\n/m, "")).toBe(text);
    expect((await readEnvironmentFile(theirs, "dev", clock)).encryptionSalt).toBe(SALT);
  });

  it.each([undefined, SALT])("does not touch the file for a salt that is %s", async (salt) => {
    const theirs = await project({ "Pulumi.dev.yaml": `encryptionsalt: ${SALT}\n${await exampleText()}` });
    const file = await readEnvironmentFile(theirs, "dev", clock);
    await writeFile(file.path, "edited meanwhile");
    expect(await keepEncryptionSalt(file, salt)).toBe("as it was");
    expect(await readFile(file.path, "utf8")).toBe("edited meanwhile");
  });

  it("keeps what somebody wrote into the file since it was read", async () => {
    const theirs = await project({ "Pulumi.dev.yaml": await exampleText() });
    const file = await readEnvironmentFile(theirs, "dev", clock);
    const edited = `# written while \`up\` asked\n${file.text.replace("cacheTtlSeconds: 60", "cacheTtlSeconds: 90")}`;
    await writeFile(file.path, edited);
    expect(await keepEncryptionSalt(file, SALT)).toBe("written");
    const written = await readFile(file.path, "utf8");
    expect(written.replace(/^encryptionsalt: .*\n/m, "")).toBe(edited);
    expect((await readEnvironmentFile(theirs, "dev", clock)).encryptionSalt).toBe(SALT);
  });

  it("leaves the file alone where somebody wrote another salt meanwhile, and where it has ours by now", async () => {
    const theirs = await project({ "Pulumi.dev.yaml": await exampleText() });
    const file = await readEnvironmentFile(theirs, "dev", clock);
    for (const [salt, outcome] of [
      ["v1:other=:v1:fake:fake==", "refused"],
      [SALT, "as it was"],
    ] as const) {
      const text = `encryptionsalt: "${salt}"\n${file.text}`;
      await writeFile(file.path, text);
      expect(await keepEncryptionSalt(file, SALT)).toBe(outcome);
      expect(await readFile(file.path, "utf8")).toBe(text);
    }
  });
});
