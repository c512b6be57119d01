import { PassThrough } from "node:stream";

import { describe, expect, it } from "vitest";

import { Output } from "../../../../src/cli/output.ts";
import { deployEnvironment } from "../../../../src/flows/deploy/deploy-environment.ts";
import { readDeployment } from "../../../../src/state/deployment.ts";
import { OWNER } from "../../local-cloud/render/test-emulator.ts";
import { emulateRender, type EmulatedRender } from "./emulated-render.ts";

/** `modified`: when the state says that the group changed, in milliseconds. */
function deployAt(bed: EmulatedRender, modified: number) {
  const group = { urn: "group", type: "render:index/envGroup:EnvGroup", modified: new Date(modified).toISOString() };
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const environment = {
    session: {
      exportState: () => Promise.resolve(readDeployment({ deployment: { resources: [group] } })),
      recentRuns: () => Promise.resolve([]),
    },
    config: { render: { ownerId: OWNER, services: ["srv-1", "srv-2"] } },
  };
  return deployEnvironment(environment, bed, {
    env: {},
    clock: bed.clock,
    emit: new Output(streams, { json: true, env: {} }).emit,
    signal: bed.interrupt.signal,
  });
}

describe("deployEnvironment", () => {
  it("deploys the services that are older than the recorded change of their variables, and no other", async () => {
    const bed = emulateRender();
    await bed.render.deploy("srv-1");
    bed.clock.advance(1_000);
    const change = bed.clock.now();
    bed.clock.advance(1_000);
    await bed.render.deploy("srv-2");
    expect(await deployAt(bed, change)).toMatchObject({ deployed: [{ name: "api" }], current: ["jobs"] });
    expect(await deployAt(bed, change)).toMatchObject({ deployed: [], current: ["api", "jobs"] });
  });
});
