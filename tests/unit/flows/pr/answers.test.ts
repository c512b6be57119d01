import { describe, expect, it } from "vitest";

import { type Ask, requireAnswers } from "../../../../src/flows/pr/answers.ts";
import type { PreviewService } from "../../../../src/flows/pr/find-services.ts";
import { waiting } from "../../../../src/flows/environment/wait.ts";

const SERVICE = { id: "srv-1", name: "shop", parent: "srv-0", url: "https://shop.test" };

/** Asks a service that answers in turn, the last one for ever; returns how often it was asked. */
async function ask(answers: readonly (number | Error)[], service: PreviewService = SERVICE) {
  let [now, asked] = [0, 0];
  const answer: Ask = () => {
    const next = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    return next instanceof Error ? Promise.reject(next) : Promise.resolve({ status: next ?? 0, body: null });
  };
  const sleep = (milliseconds: number) => {
    now += milliseconds;
    return Promise.resolve();
  };
  const wait = waiting({ clock: { now: () => now }, signal: new AbortController().signal, scale: 1, sleep });
  await requireAnswers("pr-1", [service], answer, wait);
  return asked;
}

describe("a preview whose services are deployed", () => {
  it("is ready as soon as they answer, with a refusal too", async () => {
    expect(await ask([200])).toBe(1);
    expect(await ask([401])).toBe(1);
    expect(await ask([502, new Error("connection refused"), 302])).toBe(3);
  });

  it("is not where one fails for a minute, and says which and how", async () => {
    await expect(ask([503])).rejects.toMatchObject({
      code: "PREVIEW_NOT_READY",
      details: ["shop at https://shop.test answers with HTTP 503"],
    });
    await expect(ask([new Error("connection refused")])).rejects.toMatchObject({
      details: ["shop at https://shop.test does not answer"],
    });
  });

  it("asks none that has no address", async () => {
    expect(await ask([503], { ...SERVICE, url: undefined })).toBe(0);
  });
});
