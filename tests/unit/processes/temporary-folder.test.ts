import { join } from "node:path";

import { expect, it } from "vitest";

import { requireTemporaryFolder } from "../../../src/processes/temporary-folder.ts";
import { tempDir } from "../../support/temp-dir.ts";

it("refuses a folder for temporary files that is not there, and names it", async () => {
  const folder = await tempDir();
  requireTemporaryFolder(folder);
  const gone = join(folder, "gone");
  expect(() => {
    requireTemporaryFolder(gone);
  }).toThrow(expect.objectContaining({ code: "USAGE", problem: expect.stringContaining(gone) as string }));
});
