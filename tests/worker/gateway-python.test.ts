import { fileURLToPath } from "node:url";

import { beforeAll, describe, expect, it } from "vitest";

import { findPython } from "../../local-cloud/python/find-python.ts";
import { credentialOf, EVENTUAL, GATEWAY_ACCOUNT, GATEWAY_CONFIG, STRONG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { jsonOf, runProcess } from "../support/kvshift.ts";
import { pythonWithSdk } from "../support/python-packages.ts";

const SEQUENCE = fileURLToPath(new URL("./kv_sequence.py", import.meta.url));
const hasPython = findPython(process.env) !== undefined;
/** Once for each user; the packages come from PyPI. */
const INSTALL_MS = 300_000;
const NAMES = Array.from({ length: 25 }, (_, number) => `k${String(number).padStart(2, "0")}`);

describe.skipIf(!hasPython)(
  "Cloudflare's official SDK for Python (skipped where there is no Python 3.10 or newer with venv)",
  () => {
    let python = "";
    beforeAll(async () => {
      python = await pythonWithSdk();
    }, INSTALL_MS);

    it.each([STRONG, EVENTUAL])(
      "works on a namespace of class $consistency with only the base URL changed",
      async ({ id, title }) => {
        await using gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
        const args = [SEQUENCE, `${gateway.url}/client/v4`, GATEWAY_ACCOUNT, id];
        const env = {
          PATH: process.env["PATH"] ?? "",
          KV_TOKEN: credentialOf("dev-application-a1"),
          PYTHONDONTWRITEBYTECODE: "1",
        };
        const finished = await runProcess(python, args, { cwd: process.cwd(), env });
        expect({ code: finished.code, stderr: finished.stderr }).toEqual({ code: 0, stderr: "" });
        expect(jsonOf(finished)).toEqual({
          verify: "active",
          namespace: title,
          value: "a text",
          metadata: { user: 1 },
          listed: [["session:ü/1 %", true]],
          gone: [404, 10009],
          written: 25,
          pages: NAMES,
          many: { k00: "0", k24: "24", none: null },
          deleted: 25,
          left: [],
          too_short: [400, 10001],
          elsewhere: [404, 10013],
          stranger: [401, 10000],
        });
      },
    );
  },
);
