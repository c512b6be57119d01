import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createGithubEmulator, type GithubEmulator } from "../../../../local-cloud/github/emulator.ts";
import { listen, type Listening } from "../../../../local-cloud/http/listen.ts";
import { systemSleep } from "../../../../local-cloud/system-sleep.ts";
import { systemRandom } from "../../../../src/core/random.ts";
import { askForOpenRequests } from "../../../../src/flows/pr/open-requests.ts";

let github: GithubEmulator;
let hosted: Listening;

beforeEach(async () => {
  github = createGithubEmulator({ repository: "acme/shop", random: systemRandom, sleep: systemSleep });
  hosted = await listen(github.fetch);
});
afterEach(() => hosted.close());

const ask = (numbers?: readonly number[]) => {
  const env = { GITHUB_API_URL: hosted.url, GITHUB_REPOSITORY: "acme/shop", GITHUB_TOKEN: github.token.reveal() };
  return askForOpenRequests(numbers, { env, emit: () => undefined });
};

describe("askForOpenRequests", () => {
  it("asks GitHub again for one request, which may have been opened after the list was read", async () => {
    for (const pr of [1, 2, 3]) github.open(pr);
    for (const pr of [2, 3]) github.close(pr);
    const { numbers, whyNotClosed } = await ask();
    github.open(2);
    expect([...(numbers ?? [])]).toEqual([1]);
    expect(await whyNotClosed(2)).toBe("its pull request is open now");
    expect(await whyNotClosed(3)).toBeUndefined();
  });

  it("lets nothing go for being closed where GitHub does not answer, or has no such request", async () => {
    const { whyNotClosed } = await ask();
    expect(await whyNotClosed(7)).toContain("acme/shop has no pull request 7");
    github.faults.add({ method: "GET", path: /pulls/, fault: { kind: "answer", status: 401 } });
    await expect(whyNotClosed(7)).rejects.toMatchObject({ code: "VENDOR_FAILED" });
  });

  it("takes a person's word, and knows nothing where there is no GitHub", async () => {
    const said = await ask([4]);
    expect([...(said.numbers ?? []), await said.whyNotClosed(5)]).toEqual([4, undefined]);
    expect(github.requestLog.drain()).toEqual([]);
    expect((await askForOpenRequests(undefined, { env: {}, emit: () => undefined })).numbers).toBeUndefined();
  });
});
