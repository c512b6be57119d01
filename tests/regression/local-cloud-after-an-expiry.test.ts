import { expect, it } from "vitest";

import { findProject } from "../../src/engine/project.ts";
import { startLocalEnvironment } from "../../src/cli/local-environment.ts";
import { CHECKOUT } from "../support/kvshift.ts";

// The local cloud reads every environment of the project for its ids; it refused to start once the example of
// production had expired.
it("starts the local cloud years after the credentials of the examples expired", async () => {
  const yearsLater = { now: () => Date.parse("2040-01-01T00:00:00Z") };
  await using local = await startLocalEnvironment(await findProject(CHECKOUT), yearsLater);
  expect(local.cloud.accounts).toHaveLength(3);
});
