import { describe, expect, test } from "vitest";

import { STRONG } from "../../../testbed/gateway-fixture.ts";
import { openOwnProtocol } from "./own-protocol.ts";

describe("evidence", () => {
  const REPORT = { client: "srv-1/a", namespace: STRONG.name, sequence: 1, compared: 9, different: 1, missing: 0 };

  test("of parity is taken from applications and read by the operator only", async () => {
    const { post } = openOwnProtocol();
    expect((await post("/parity", REPORT)).status).toBe(200);
    expect(await post("/parity", undefined)).toMatchObject({ status: 404, code: 10013 });
    const { result } = await post("/parity", undefined, "dev-operator-a1");
    expect(JSON.stringify(result)).toContain('"compared":9');
  });

  test("of parity that is not kept is an error to its sender", async () => {
    const { post } = openOwnProtocol();
    await post("/parity", { ...REPORT, sequence: 5 });
    expect(await post("/parity", { ...REPORT, sequence: 5 })).toMatchObject({ status: 200 });
    expect(await post("/parity", { ...REPORT, sequence: 4 })).toMatchObject({ status: 409, code: 10001 });
    expect(await post("/parity", { ...REPORT, sequence: Number.MAX_SAFE_INTEGER })).toMatchObject({ status: 409 });
    expect((await post("/parity", { ...REPORT, sequence: 6 })).status).toBe(200);
  });

  test("of use names each credential and client, to the operator only", async () => {
    const { post, atomic } = openOwnProtocol();
    await atomic("increment");
    expect(await post("/usage", undefined)).toMatchObject({ status: 404, code: 10013 });
    const { result } = await post("/usage", undefined, "dev-operator-a1");
    expect(JSON.stringify(result)).toContain("dev-application-a1");
  });

  test.each([
    { ...REPORT, sequence: -1 },
    { ...REPORT, compared: 0.5 },
    { ...REPORT, client: "a client" },
    { ...REPORT, client: "c".repeat(129) },
    { ...REPORT, namespace: 1 },
    [],
  ])("of parity is refused as %j", async (report) => {
    expect(await openOwnProtocol().post("/parity", report)).toMatchObject({ status: 400, result: null });
  });
});
