import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { neighboursOf, readEnvironmentFiles } from "../../src/policy/neighbours.ts";
import { environmentFile } from "./environment-file.ts";
import { ACCOUNT_ID, neighbour, OTHER_ACCOUNT_ID } from "./well-formed-stack.ts";

const SERVICE = `srv-${"s".repeat(20)}`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kvshift-neighbours-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>) {
  for (const [environment, text] of Object.entries(files)) {
    await writeFile(join(folder, `Pulumi.${environment}.yaml`), text);
  }
}

describe("neighboursOf", () => {
  it("reads every other environment of the project", async () => {
    const renderEnvironmentId = `evm-${"e".repeat(20)}`;
    await write({
      dev: environmentFile({ accountId: ACCOUNT_ID }),
      prod: environmentFile({ kind: "production", services: [SERVICE], renderEnvironmentId }),
      staging: environmentFile({ services: [SERVICE] }),
    });
    await writeFile(join(folder, "Pulumi.yaml"), "name: kvshift\n");
    expect(neighboursOf("dev", readEnvironmentFiles(folder))).toEqual({
      known: [
        neighbour("prod", { kind: "production", services: [SERVICE], renderEnvironmentId }),
        neighbour("staging", { services: [SERVICE] }),
      ],
      unreadable: [],
    });
  });

  it("reads the example environments of this project", () => {
    const files = readEnvironmentFiles(fileURLToPath(new URL("../../", import.meta.url)));
    const { known, unreadable } = neighboursOf("dev", files);
    expect(known.filter(({ environment }) => environment === "prod").map(({ kind }) => kind)).toEqual(["production"]);
    expect(unreadable).toEqual([]);
  });

  it("needs of a neighbour only what rules compare", async () => {
    const partly = environmentFile({ kind: "preview" }).replace("kvshift:phase: kv", "kvshift:phase: later");
    await write({ dev: environmentFile(), "pr-7": partly });
    const { known } = neighboursOf("dev", readEnvironmentFiles(folder));
    expect(known.map(({ environment, kind, accountId }) => [environment, kind, accountId])).toEqual([
      ["pr-7", "preview", OTHER_ACCOUNT_ID],
    ]);
  });

  it("takes the template of previews for no environment: its services are those of another one", async () => {
    await write({ dev: environmentFile(), preview: environmentFile({ kind: "preview" }) });
    expect(neighboursOf("dev", readEnvironmentFiles(folder))).toEqual({ known: [], unreadable: [] });
  });

  it.each([
    ["config: [", "it is not valid YAML"],
    [
      "config:\n  kvshift:app: brainbot\n",
      /^missing or not understood: config\.kvshift:kind, .*config\.kvshift:render$/,
    ],
    ["just a text", "missing or not understood: "],
    ["", "missing or not understood: "],
    ["config: &a [*a, *a]\n", /./],
  ])("says of a file that holds %j why it cannot be read", async (text, problem) => {
    await write({ dev: environmentFile(), prod: text });
    const { known, unreadable } = neighboursOf("dev", readEnvironmentFiles(folder));
    expect(known).toEqual([]);
    expect(unreadable).toEqual([{ file: "Pulumi.prod.yaml", problem: expect.stringMatching(problem) }]);
  });

  it("says of a file that cannot be opened that it cannot", async () => {
    await write({ dev: environmentFile() });
    await mkdir(join(folder, "Pulumi.prod.yaml"));
    expect(neighboursOf("dev", readEnvironmentFiles(folder)).unreadable).toEqual([
      { file: "Pulumi.prod.yaml", problem: "it cannot be opened or read" },
    ]);
  });

  it("shows nothing of a file that it does not understand", async () => {
    const secret = "x".repeat(24);
    await write({ dev: environmentFile(), prod: `config:\n  kvshift:kind: ${secret}\n  kvshift:app: [${secret}]\n` });
    expect(JSON.stringify(neighboursOf("dev", readEnvironmentFiles(folder)))).not.toContain(secret);
  });

  it.each(["", "no such folder"])(
    "knows no neighbours in a folder without the file of the environment itself (%j)",
    async (path) => {
      await write({ prod: environmentFile() });
      expect(neighboursOf("dev", readEnvironmentFiles(join(folder, path)))).toEqual({
        known: [],
        unreadable: [
          {
            file: "Pulumi.dev.yaml",
            problem: "it is not in the folder that the policy pack takes for the project's",
          },
        ],
      });
    },
  );
});
