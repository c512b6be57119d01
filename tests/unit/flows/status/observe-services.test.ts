import { describe, expect, it } from "vitest";

import { observeServices } from "../../../../src/flows/status/observe-services.ts";
import type { RenderDeploy, RenderService } from "../../../../src/vendors/render.ts";
import { AFTER, BEFORE, deploy } from "./observation.ts";

const OWNER = "tea-d0000000000000000001";

function vendor(services: readonly Partial<RenderService>[], deploys: readonly RenderDeploy[] = []) {
  const asked: string[] = [];
  const render = {
    services: () =>
      Promise.resolve(
        services.map((service) => ({ id: "srv-1", name: "web", ownerId: OWNER, type: "web_service", ...service })),
      ),
    deploys: (id: string, statuses?: readonly string[]) => {
      asked.push(statuses === undefined ? id : `${id} ${statuses.join(",")}`);
      return Promise.resolve(deploys.filter(({ status = "" }) => statuses?.includes(status) !== false).slice(0, 20));
    },
  };
  return { asked, render };
}

describe("observeServices", () => {
  it("shows each service of the file in its order, also one that the workspace does not have", async () => {
    const { render, asked } = vendor(
      [{ id: "srv-2", name: "worker", suspended: "suspended" }, { id: "srv-1" }],
      [deploy("live", AFTER)],
    );
    expect(await observeServices(render, OWNER, ["srv-1", "srv-2", "srv-3"])).toEqual([
      { id: "srv-1", name: "web", suspended: false, deploys: [deploy("live", AFTER)] },
      { id: "srv-2", name: "worker", suspended: true, deploys: [deploy("live", AFTER)] },
      { id: "srv-3", name: undefined, suspended: false, deploys: [] },
    ]);
    expect(asked).toEqual(["srv-1", "srv-2"]);
  });

  it("asks for the last success where none of the newest deploys is one", async () => {
    const failures = Array.from({ length: 30 }, () => deploy("build_failed", AFTER));
    const { render, asked } = vendor([{}], [...failures, deploy("live", BEFORE)]);
    const [service] = await observeServices(render, OWNER, ["srv-1"]);
    expect(service?.deploys.at(-1)).toEqual(deploy("live", BEFORE));
    expect(asked).toEqual(["srv-1", "srv-1 live,deactivated"]);
  });
});
