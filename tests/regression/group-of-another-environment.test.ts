import { expect, it } from "vitest";

import { createLocalStage } from "../support/local-stage.ts";
import { callRender, environmentGroup } from "../support/vendor-view.ts";

const DEV_SERVICE = "srv-d0000000000000000001";
const PROD_SERVICE = "srv-p0000000000000000001";
const PROD_GROUP = "brainbot-prod-cloudflare-kv";

// A development environment listed a service of production: `status` advised to adopt production's group, and
// `adopt --yes` deleted it, because "it held nothing else". Production's services then had no variables.
it("is neither advised nor adopted nor linked into, though a file names a service of it", async () => {
  await using stage = await createLocalStage();
  for (const name of ["prod", "dev"]) await stage.kvshiftJson("up", "--stack", name, "--yes");
  const { id } = await environmentGroup(stage.cloud, "prod");
  const production = () => callRender(stage.cloud, "GET", `/env-groups/${id}`);
  const development = () => environmentGroup(stage.cloud, "dev");
  const [before, devBefore] = [await production(), await development()];
  await stage.edit("dev", [`- ${DEV_SERVICE}`, `- ${DEV_SERVICE}\n      - ${PROD_SERVICE}`]);

  const status = await stage.kvshift("status", "--stack", "dev");
  expect(`${status.stdout}${status.stderr}`).toContain(`The group ${PROD_GROUP} of the environment prod`);
  expect(`${status.stdout}${status.stderr}`).not.toContain("kvshift adopt");
  expect(`${status.stdout}${status.stderr}`).not.toContain("is not linked to the group");

  for (const reference of [PROD_GROUP, id]) {
    const adopted = await stage.kvshift("adopt", "--stack", "dev", "--yes", "--group", reference);
    expect({ code: adopted.code, stderr: adopted.stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining("it belongs to the environment prod"),
    });
  }

  for (const args of [["up", "--yes"], ["preview"]]) {
    const linked = await stage.kvshift(...args, "--stack", "dev");
    expect({ code: linked.code, stderr: linked.stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining(PROD_GROUP),
    });
  }
  expect(await production()).toEqual(before);
  expect(await development()).toEqual(devBefore);
});
