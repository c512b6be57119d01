import { describe, expect, it } from "vitest";

import type { ServiceType } from "../../local-cloud/render/service.ts";
import { documentedOperations, operationOf, undocumentedParts } from "../support/render-openapi.ts";
import { createGroup, OWNER, settled, startTestEmulator } from "../unit/local-cloud/render/test-emulator.ts";

const SERVICE_TYPES: readonly ServiceType[] = [
  "static_site",
  "web_service",
  "private_service",
  "background_worker",
  "cron_job",
];

// Every call of these tests is held against the document by the test emulator itself.
describe("Render's OpenAPI document", () => {
  it("knows every successful answer, and every operation that it was reduced to is served", async () => {
    const blueprint = { id: `exs-${"0".repeat(20)}`, name: "app", ownerId: OWNER, services: ["api"] };
    const bed = startTestEmulator({ blueprints: [blueprint] });
    const group = await createGroup(bed, { serviceIds: ["srv-1"], secretFiles: [{ name: "a.txt", content: "a" }] });
    await bed.call("POST", "/services/srv-1/deploys", {});
    await settled();
    const live = bed.launcher.at(-1).request.deployId;
    bed.launcher.holds = true;
    await bed.call("POST", "/services/srv-1/deploys", { deployMode: "deploy_only" });
    await settled();
    const running = bed.launcher.at(-1).request.deployId;
    const calls: [method: string, path: string, body?: unknown][] = [
      ["GET", "/owners"],
      ["GET", `/owners/${OWNER}`],
      ["GET", "/services"],
      ["GET", "/services/srv-2"],
      ["PUT", "/services/srv-1/env-vars", [{ key: "A", value: "1" }]],
      ["PUT", "/services/srv-1/env-vars/B", { generateValue: true }],
      ["GET", "/services/srv-1/env-vars"],
      ["GET", "/services/srv-1/env-vars/A"],
      ["DELETE", "/services/srv-1/env-vars/A"],
      ["GET", "/services/srv-1/deploys"],
      ["POST", `/services/srv-1/deploys/${running}/cancel`],
      ["POST", "/services/srv-1/rollback", { deployId: live }],
      ["GET", `/services/srv-1/deploys/${live}`],
      ["POST", "/services/srv-1/restart"],
      ["GET", "/projects"],
      ["GET", "/projects/prj-1"],
      ["GET", "/environments?projectId=prj-1"],
      ["POST", "/environments/evm-a/resources", { resourceIds: [group, "srv-1"] }],
      ["GET", "/environments/evm-a"],
      ["DELETE", `/environments/evm-a/resources?resourceIds=${group}`],
      ["GET", "/blueprints"],
      ["GET", `/blueprints/${blueprint.id}`],
      ["GET", "/env-groups"],
      ["GET", `/env-groups/${group}`],
      ["PATCH", `/env-groups/${group}`, { name: "renamed" }],
      ["PUT", `/env-groups/${group}/env-vars/K`, { value: "v" }],
      ["GET", `/env-groups/${group}/env-vars/K`],
      ["DELETE", `/env-groups/${group}/env-vars/K`],
      ["PUT", `/env-groups/${group}/secret-files/b.txt`, { content: "b" }],
      ["GET", `/env-groups/${group}/secret-files/b.txt`],
      ["DELETE", `/env-groups/${group}/secret-files/b.txt`],
      ["DELETE", `/env-groups/${group}/services/srv-1`],
      ["POST", `/env-groups/${group}/services/srv-1`],
      ["DELETE", `/env-groups/${group}`],
    ];
    const refused: string[] = [];
    for (const [method, path, body] of calls) {
      const { status } = await bed.call(method, path, body);
      if (status >= 300) refused.push(`${method} ${path} ${String(status)}`);
    }
    expect(refused).toEqual([]);
    const served = bed.emulator.requestLog.entries.map(({ method, path }) => operationOf(method, path));
    expect([...new Set(served)].toSorted()).toEqual(documentedOperations().toSorted());
  });

  it("knows the details of each type of service", async () => {
    const services = SERVICE_TYPES.map((type) => ({ id: `srv-${type}`, name: type, ownerId: OWNER, type }));
    const bed = startTestEmulator({ services });
    for (const { id, type } of services) {
      expect(await bed.call("GET", `/services/${id}`)).toMatchObject({ status: 200, body: { id, type } });
    }
  });

  it("knows 202 without a body as an answer to a deploy", async () => {
    const bed = startTestEmulator({ deploy: { answer: 202 } });
    expect(await bed.call("POST", "/services/srv-1/deploys", {})).toMatchObject({ status: 202, body: null });
  });

  it("knows the refusals of each operation on what does not exist", async () => {
    const bed = startTestEmulator();
    const paths = documentedOperations().filter((operation) => operation.includes("{"));
    for (const operation of paths) {
      const [method = "", path = ""] = operation.split(" ");
      const answer = await bed.call(method, path.replaceAll(/\{\w+\}/g, "none"), method === "GET" ? undefined : {});
      expect([method, path, answer.status, answer.body]).toEqual([
        method,
        path,
        404,
        { message: expect.stringContaining("not found") as unknown },
      ]);
    }
  });

  it("is a check that finds an unknown status, property, type and path", () => {
    const answer = {
      method: "GET",
      path: "/v1/env-groups/evg-1/env-vars/K",
      status: 200,
      body: { key: "K", value: "V" },
    };
    const findings = [
      answer,
      { ...answer, status: 418 },
      { ...answer, body: { key: "K", value: "V", more: true } },
      { ...answer, body: { key: "K", value: 1 } },
      { ...answer, body: { key: "K" } },
      { ...answer, path: "/v1/nothing" },
      { ...answer, method: "PATCH" },
      { ...answer, method: "DELETE", status: 204 },
    ].map((candidate) => undocumentedParts(candidate).length);
    expect(findings).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
  });
});
