import { describe, expect, it } from "vitest";

import { type LoggedRequest, RequestLog } from "../../../../local-cloud/http/request-log.ts";

const call = (path: string): LoggedRequest => ({
  vendor: "render",
  method: "GET",
  path,
  request: null,
  status: 200,
  response: [],
});
const pathsOf = (calls: readonly LoggedRequest[]) => calls.map(({ path }) => path);

describe("RequestLog", () => {
  it("keeps calls in their order", () => {
    const log = new RequestLog();
    for (const path of ["/1", "/2"]) log.add(call(path));
    expect(pathsOf(log.entries)).toEqual(["/1", "/2"]);
  });

  it("forgets the oldest where it is full", () => {
    const log = new RequestLog(2);
    for (const path of ["/1", "/2", "/3"]) log.add(call(path));
    expect(pathsOf(log.entries)).toEqual(["/2", "/3"]);
  });

  it("hands everything out once", () => {
    const log = new RequestLog();
    log.add(call("/1"));
    const drained = log.drain();
    log.add(call("/2"));
    expect([pathsOf(drained), pathsOf(log.drain()), log.drain()]).toEqual([["/1"], ["/2"], []]);
  });
});
