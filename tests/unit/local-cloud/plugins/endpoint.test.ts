import { describe, expect, it } from "vitest";

import { loopbackEndpoint, requireVariable } from "../../../../local-cloud/plugins/endpoint.ts";

const ACCEPTED = ["http://127.0.0.1:8080/v1", "http://127.8.9.10/v1", "http://localhost:1/v1", "http://[::1]:1/v1"];

const REFUSED = [
  "https://api.cloudflare.com/client/v4",
  "https://api.render.com/v1",
  "http://127.0.0.1.example.com/v1",
  "http://localhost.example.com/v1",
  "http://0.0.0.0:80/v1",
  "http://10.0.0.1/v1",
  "http://[::ffff:8.8.8.8]/v1",
];

describe("loopbackEndpoint", () => {
  it.each(ACCEPTED)("accepts %s", (url) => {
    expect(loopbackEndpoint("RENDER_HOST", url).href).toBe(url);
  });

  it.each(REFUSED)("refuses %s", (url) => {
    expect(() => loopbackEndpoint("RENDER_HOST", url)).toThrow(/^RENDER_HOST points at .+, not at this machine/);
  });

  it("refuses what is absent, no URL, no http, or holds a password", () => {
    const attempts = [undefined, "", "not a url", "file:///tmp", `http://user:${"p".repeat(4)}@127.0.0.1/`];
    const messages = attempts.map((url) => {
      try {
        return loopbackEndpoint("RENDER_HOST", url).href;
      } catch (error) {
        return error instanceof Error ? error.message.split(":")[0] : "";
      }
    });
    expect(messages).toEqual([
      "RENDER_HOST is not set",
      "RENDER_HOST is not set",
      "RENDER_HOST is not a URL",
      "RENDER_HOST is not an http URL",
      "RENDER_HOST must not hold a user or a password",
    ]);
  });
});

describe("requireVariable", () => {
  it("names a key that is missing", () => {
    expect(() => requireVariable("RENDER_API_KEY", "")).toThrow("RENDER_API_KEY is not set");
    expect(requireVariable("RENDER_API_KEY", "x")).toBe("x");
  });
});
