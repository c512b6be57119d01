import { describe, expect, it, onTestFinished } from "vitest";

import { listen } from "../../../../local-cloud/http/listen.ts";

async function serve(answer: (request: Request) => Response | Promise<Response>) {
  const listening = await listen(answer);
  let open = true;
  const close = async () => {
    if (open) await listening.close();
    open = false;
  };
  onTestFinished(close);
  return { url: listening.url, close };
}

describe("listen", () => {
  it("serves on a port of its own, of this machine only", async () => {
    const first = await serve(async (request) => new Response(`${request.method} ${await request.text()}`));
    const second = await serve(() => new Response("second"));
    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(second.url).not.toBe(first.url);
    const answer = await fetch(`${first.url}/path`, { method: "PUT", body: "body" });
    expect(await answer.text()).toBe("PUT body");
  });

  it("closes at once although a request is still open, and answers no more", async () => {
    const arrived = Promise.withResolvers<void>();
    const { url, close } = await serve(() => {
      arrived.resolve();
      return new Promise(() => undefined);
    });
    const open = fetch(url).catch((error: unknown) => error);
    await arrived.promise;
    await close();
    expect(await open).toBeInstanceOf(TypeError);
    await expect(fetch(url)).rejects.toThrow(TypeError);
  });
});
