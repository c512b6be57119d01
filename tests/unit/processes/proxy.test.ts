import { describe, expect, it } from "vitest";

import { exceptionsIn, exceptionVariables, proxiesIn, useProxies } from "../../../src/processes/proxy.ts";

const PROXY = "http://user:hidden@proxy.test:3128/";

describe("proxiesIn", () => {
  it("finds each in either case, and shows neither user nor password", () => {
    const found = proxiesIn({
      HTTPS_PROXY: PROXY,
      http_proxy: " http://other.test:80 ",
      grpc_proxy: "",
      no_proxy: "x",
    });
    expect(found).toEqual([
      { variable: "HTTPS_PROXY", address: "http://proxy.test:3128" },
      { variable: "http_proxy", address: "http://other.test" },
    ]);
  });

  it("has no address of what is no URL", () => {
    expect(proxiesIn({ https_proxy: "proxy.test:3128" })).toEqual([{ variable: "https_proxy" }]);
  });
});

describe("exceptionsIn", () => {
  it("are those that are given, in either case and with blanks, and this machine", () => {
    const env = { HTTPS_PROXY: PROXY, NO_PROXY: " a.test , b.test", no_proxy: "a.test c.test" };
    expect(exceptionsIn(env)).toEqual(["a.test", "c.test", "b.test", "localhost", "127.0.0.1", "::1"]);
    const hosts = "a.test,c.test,b.test,localhost,127.0.0.1,::1";
    expect(exceptionVariables(env)).toEqual({ no_proxy: hosts, NO_PROXY: hosts, no_grpc_proxy: hosts });
  });

  it("are none where there is no proxy", () => {
    expect([exceptionsIn({ NO_PROXY: "a.test" }), exceptionVariables({ NO_PROXY: "a.test" })]).toEqual([[], {}]);
  });
});

describe("useProxies", () => {
  it("leaves an environment without proxies as it is", () => {
    const env = { NO_PROXY: "a.test" };
    useProxies(env);
    expect(env).toEqual({ NO_PROXY: "a.test" });
  });

  it("refuses a proxy that is no URL, by the name of its variable alone", () => {
    expect(() => {
      useProxies({ HTTPS_PROXY: "user:hidden@proxy.test" });
    }).toThrow(expect.objectContaining({ code: "USAGE", problem: "HTTPS_PROXY is no URL of a proxy." }));
  });
});
