import { describe, expect, it } from "vitest";

import { timeScale } from "../../../src/config/time-scale.ts";

const LOCAL = { CLOUDFLARE_BASE_URL: "http://127.0.0.1:1/client/v4", RENDER_HOST: "http://127.0.0.1:2/v1" };

describe("timeScale", () => {
  it("is 1 where nothing is set, and what the local cloud says", () => {
    expect(timeScale({})).toBe(1);
    expect(timeScale({ KVSHIFT_TIME_SCALE: "" })).toBe(1);
    expect(timeScale({ ...LOCAL, KVSHIFT_TIME_SCALE: "60" })).toBe(60);
  });

  it.each([
    { KVSHIFT_TIME_SCALE: "60" },
    { ...LOCAL, RENDER_HOST: "https://api.render.com/v1", KVSHIFT_TIME_SCALE: "60" },
    { ...LOCAL, CLOUDFLARE_BASE_URL: "no URL", KVSHIFT_TIME_SCALE: "60" },
    ...["0", "-1", "0.5", "fast", "10001", "NaN"].map((scale) => ({ ...LOCAL, KVSHIFT_TIME_SCALE: scale })),
  ])("refuses %j: a wait that is cut short beside real vendors ends a credential in use", (env) => {
    expect(() => timeScale(env)).toThrow(expect.objectContaining({ code: "LOCAL_CLOUD_ONLY" }));
  });
});
