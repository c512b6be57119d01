import { describe, expect, it } from "vitest";

import { verify } from "../../../../src/flows/init/verify.ts";
import { emulateVendors } from "./emulated-vendors.ts";
import {
  exampleAnswers,
  OTHER_ACCOUNT,
  OTHER_OWNER,
  OTHER_SERVICE,
  OWNER,
  RENDER_ENVIRONMENT,
  SERVICE,
} from "./example-answers.ts";

const NOWHERE = "srv-00000000000000000000";

describe("verify", () => {
  it("finds nothing wrong with what the vendors have, and learns its names", async () => {
    const names = new Map<string, string>();
    const answers = exampleAnswers({ environmentId: RENDER_ENVIRONMENT });
    expect(await verify(answers, emulateVendors().vendors, names)).toEqual([]);
    expect(Object.fromEntries(names)).toEqual({
      [OWNER]: "brainbot",
      [SERVICE]: "api",
      [RENDER_ENVIRONMENT]: "staging",
    });
  });

  it("names everything that is not there together", async () => {
    const { vendors } = emulateVendors({ tokenOf: "account" });
    const answers = exampleAnswers({
      accountId: OTHER_ACCOUNT,
      ownerId: "tea-00000000000000000000",
      services: [SERVICE, NOWHERE],
      environmentId: "evm-00000000000000000000",
    });
    expect(await verify(answers, vendors, new Map())).toEqual([
      expect.stringMatching(/^--account: Cloudflare did not do what was asked\. GET .* answered 403 10000: /),
      "--workspace: RENDER_API_KEY reaches no workspace tea-00000000000000000000",
      `--service: ${SERVICE} (api) belongs to the workspace ${OWNER}, not to tea-00000000000000000000`,
      `--service: RENDER_API_KEY reaches no service ${NOWHERE}`,
      "--render-environment: tea-00000000000000000000 has no environment evm-00000000000000000000",
    ]);
  });

  it("names a service of another workspace", async () => {
    const { vendors } = emulateVendors();
    const problems = await verify(exampleAnswers({ ownerId: OTHER_OWNER }), vendors, new Map());
    expect(problems).toEqual([`--service: ${SERVICE} (api) belongs to the workspace ${OWNER}, not to ${OTHER_OWNER}`]);
  });

  it("names a service that a group of the environment cannot reach", async () => {
    const { vendors } = emulateVendors();
    const answers = exampleAnswers({ services: [SERVICE, OTHER_SERVICE], environmentId: RENDER_ENVIRONMENT });
    expect(await verify(answers, vendors, new Map())).toEqual([
      `--service: ${OTHER_SERVICE} (jobs) is in no environment; a group of ${RENDER_ENVIRONMENT} reaches only services of it`,
    ]);
  });

  it("names a key that a vendor refuses as what is wrong with each answer that it was to check", async () => {
    const { vendors, render } = emulateVendors();
    const fault = { kind: "answer", status: 401, body: { message: "Unauthorized" } } as const;
    render.faults.add({ method: "GET", path: /./, times: Infinity, fault });
    const problems = await verify(exampleAnswers(), vendors, new Map());
    expect(problems.map((line) => line.split(":")[0])).toEqual(["--workspace", "--service"]);
    expect(problems[0]).toContain("GET /owners: answered 401 Unauthorized");
  });

  it("takes no failure of a vendor for an answer", async () => {
    const { vendors, cloudflare } = emulateVendors();
    cloudflare.faults.add({ method: "GET", path: /./, times: Infinity, fault: { kind: "answer", status: 503 } });
    await expect(verify(exampleAnswers(), vendors, new Map())).rejects.toMatchObject({
      code: "VENDOR_FAILED",
      retryable: true,
    });
  });
});
