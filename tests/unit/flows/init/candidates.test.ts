import { describe, expect, it } from "vitest";

import { candidatesOf } from "../../../../src/flows/init/candidates.ts";
import { type EmulatedVendorsOptions, emulateVendors } from "./emulated-vendors.ts";
import {
  ACCOUNT,
  OTHER_ACCOUNT,
  OTHER_OWNER,
  OTHER_SERVICE,
  OWNER,
  RENDER_ENVIRONMENT,
  SERVICE,
} from "./example-answers.ts";

function candidates(options?: EmulatedVendorsOptions) {
  const emulated = emulateVendors(options);
  const names = new Map<string, string>();
  return { ...emulated, names, candidates: candidatesOf(emulated.vendors, names) };
}

describe("what the vendors offer", () => {
  it("is every account, workspace, service and environment, and their names are learnt", async () => {
    const { candidates: offered, names } = candidates();
    expect((await offered.accounts()).choices).toEqual([
      { value: ACCOUNT, label: "first", hint: ACCOUNT },
      { value: OTHER_ACCOUNT, label: "second", hint: OTHER_ACCOUNT },
    ]);
    expect((await offered.workspaces()).map(({ value }) => value)).toEqual([OWNER, OTHER_OWNER]);
    expect(await offered.services(OWNER)).toEqual([
      { value: SERVICE, label: "api", hint: "web_service", environmentId: RENDER_ENVIRONMENT },
      { value: OTHER_SERVICE, label: "jobs", hint: "background_worker", environmentId: undefined },
    ]);
    expect((await offered.environments(OWNER)).map(({ value, label }) => [value, label])).toEqual([
      [RENDER_ENVIRONMENT, "staging"],
    ]);
    expect(Object.fromEntries(names)).toMatchObject({ [ACCOUNT]: "first", [OWNER]: "brainbot", [SERVICE]: "api" });
  });

  it("is no account for a token of an account, with what Cloudflare says", async () => {
    const { candidates: offered } = candidates({ tokenOf: "account" });
    expect(await offered.accounts()).toEqual({
      choices: [],
      refusal: expect.stringMatching(/^GET \/accounts: answered 400; 1001: /),
    });
  });

  it("is not nothing where Cloudflare cannot be reached", async () => {
    const { candidates: offered, cloudflare } = candidates();
    cloudflare.faults.add({ method: "GET", path: /accounts/, times: Infinity, fault: { kind: "drop" } });
    await expect(offered.accounts()).rejects.toMatchObject({ code: "VENDOR_FAILED", retryable: true });
  });

  it("leaves out what cannot stand in a file", async () => {
    const { candidates: offered } = candidates({
      owners: [
        { id: OWNER, name: "brainbot" },
        { id: "usr-1", name: "a person" },
      ],
      services: [{ id: "srv-1", name: "odd", ownerId: OWNER }],
      environments: [],
    });
    expect((await offered.workspaces()).map(({ value }) => value)).toEqual([OWNER]);
    expect(await offered.services(OWNER)).toEqual([]);
  });

  it("has no name that could be anything else than a name", async () => {
    const { candidates: offered, names } = candidates({
      owners: [
        { id: OWNER, name: "\u001b[2J\nkvshift:kind: production" },
        { id: OTHER_OWNER, name: "\n" },
      ],
      services: [],
      projects: [],
      environments: [],
    });
    const labels = (await offered.workspaces()).map(({ label }) => label);
    expect(labels).toEqual(["[2Jkvshift:kind: production", OTHER_OWNER]);
    expect(names.get(OTHER_OWNER)).toBe("");
  });
});
