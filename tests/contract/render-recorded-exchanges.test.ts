import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { undocumentedParts } from "../support/render-openapi.ts";
import { OWNER, startTestEmulator, type TestEmulator } from "../unit/local-cloud/render/test-emulator.ts";

interface Exchange {
  readonly step: string;
  readonly vendor: string;
  readonly method: string;
  readonly path: string;
  readonly request: unknown;
  readonly status: number;
  readonly response: Group | null;
}

interface Group {
  readonly id: string;
  readonly envVars: readonly { key: string; value: string }[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

const FIXTURE = new URL("../fixtures/official-provider-calls.json", import.meta.url);
const recorded: { readonly exchanges: readonly Exchange[] } = JSON.parse(readFileSync(FIXTURE, "utf8"));
const exchanges = recorded.exchanges.filter(({ vendor }) => vendor === "render");

/** A group without what differs from run to run: its id, its times, and the order of variables (not fixed, see the file). */
function form(body: Group | null): unknown {
  if (body === null) return null;
  const { id, createdAt, updatedAt, envVars, ...rest } = body;
  const sorted = envVars.toSorted((left, right) => left.key.localeCompare(right.key));
  return { ...rest, id: id.slice(0, 4), idLength: id.length, sameTimes: createdAt === updatedAt, envVars: sorted };
}

function limits(headers: Headers): unknown {
  return ["content-type", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map((name) => headers.get(name));
}

function bedOfRecording(): TestEmulator {
  return startTestEmulator({
    owners: [{ id: OWNER, name: "brainbot" }],
    services: ["srv-1", "srv-2"].map((id) => ({ id, name: id, ownerId: OWNER })),
  });
}

describe("calls of the official provider", () => {
  it("are recorded with answers that Render's document knows", () => {
    const findings = exchanges.flatMap(({ method, path, status, response }) => {
      return undocumentedParts({ method, path, status, body: response });
    });
    expect({ exchanges: exchanges.length, findings }).toEqual({ exchanges: 21, findings: [] });
  });

  it("are answered in the recorded form, from the first create to destroy", async () => {
    const bed = bedOfRecording();
    let id = "";
    for (const exchange of exchanges) {
      bed.clock.advance(1000);
      const path = exchange.path.replace("/v1", "").replace(/evg-\d+/, id);
      const answer = await bed.call<Group | null>(exchange.method, path, exchange.request ?? undefined);
      if (exchange.method === "POST" && path === "/env-groups") id = answer.body?.id ?? "";
      const where = `${exchange.step} ${exchange.method} ${exchange.path}`;
      expect({ where, status: answer.status, body: form(answer.body) }).toEqual({
        where,
        status: exchange.status,
        body: form(exchange.response),
      });
    }
    expect(id).toMatch(/^evg-[0-9a-z]{20}$/);
  });

  it("find the variable that was put first in the group", async () => {
    const bed = bedOfRecording();
    const [create, ...rest] = exchanges;
    const { id } = (await bed.call<Group>("POST", "/env-groups", create?.request)).body;
    const puts = rest.filter(({ method }) => method === "PUT");
    for (const put of puts) {
      const answer = await bed.call<Group>("PUT", put.path.replace("/v1", "").replace(/evg-\d+/, id), put.request);
      expect(answer.body.envVars[0]).toEqual(put.response?.envVars[0]);
    }
    expect(puts).toHaveLength(5);
  });
});

describe("the cassette of an environment group, recorded against Render in 2024", () => {
  const files = [
    { name: "credentials.txt", content: "username:placeholder" },
    { name: "secrets.json", content: "{}" },
  ];
  const create = {
    name: "my-environment-group",
    ownerId: OWNER,
    envVars: [
      { key: "DEBUG_MODE", value: "false" },
      { key: "INSTANCE_ID", generateValue: true },
      { key: "DATABASE_URL", value: "postgresql://localhost/mydb" },
    ],
    secretFiles: files,
  };

  it("is answered with its statuses, lists and times", async () => {
    const bed = startTestEmulator();
    const created = await bed.call<Group>("POST", "/env-groups", create);
    const { id, createdAt, envVars } = created.body;
    const generated = envVars[1]?.value ?? "";
    expect(Buffer.from(generated, "base64")).toHaveLength(32);

    const whole = {
      id,
      name: "my-environment-group",
      ownerId: OWNER,
      createdAt,
      updatedAt: createdAt,
      serviceLinks: [],
      // What was created together is listed from its end.
      envVars: [
        { key: "DATABASE_URL", value: "postgresql://localhost/mydb" },
        { key: "INSTANCE_ID", value: generated },
        { key: "DEBUG_MODE", value: "false" },
      ],
      secretFiles: files.toReversed(),
    };
    expect(created).toMatchObject({ status: 201, body: whole });
    const seen: unknown[] = [];
    const record = async (method: string, path: string, body?: unknown): Promise<void> => {
      bed.clock.advance(1000);
      const answer = await bed.call(method, `/env-groups/${id}${path}`, body);
      seen.push([answer.status, answer.body]);
    };
    await record("GET", "");
    await record("GET", "");
    await record("PUT", "/env-vars/key1", { value: "new-value" });
    await record("PUT", "/env-vars/new-key", { value: "some-value" });
    for (const key of ["DEBUG_MODE", "INSTANCE_ID", "DATABASE_URL"]) await record("DELETE", `/env-vars/${key}`);
    await record("PUT", "/secret-files/file1", { content: "new-content" });
    await record("PUT", "/secret-files/new-file", { content: "some-content" });
    for (const name of ["secrets.json", "credentials.txt"]) await record("DELETE", `/secret-files/${name}`);
    await record("PATCH", "", { name: "new-name" });
    await record("GET", "");
    await record("DELETE", "");

    const key1 = { key: "key1", value: "new-value" };
    const newKey = { key: "new-key", value: "some-value" };
    const file1 = { name: "file1", content: "new-content" };
    const newFile = { name: "new-file", content: "some-content" };
    const withKeys = { ...whole, envVars: [newKey, key1] };
    const renamed = {
      ...withKeys,
      secretFiles: [newFile, file1],
      name: "new-name",
      updatedAt: new Date(Date.parse(createdAt) + 12_000).toISOString(),
    };
    expect(seen).toEqual([
      [200, whole],
      [200, whole],
      [200, { ...whole, envVars: [key1, ...whole.envVars] }],
      [200, { ...whole, envVars: [newKey, key1, ...whole.envVars] }],
      [204, null],
      [204, null],
      [204, null],
      [200, { ...withKeys, secretFiles: [file1, ...whole.secretFiles] }],
      [200, { ...withKeys, secretFiles: [newFile, file1, ...whole.secretFiles] }],
      [204, null],
      [204, null],
      [200, renamed],
      [200, renamed],
      [204, null],
    ]);
  });

  it("has the headers of its answers", async () => {
    const bed = startTestEmulator();
    const { headers: written } = await bed.call("POST", "/env-groups", create);
    bed.clock.advance(58_000);
    const { headers: read } = await bed.call("GET", "/env-groups");
    const { headers: readLater } = await bed.call("GET", "/env-groups");
    expect([written, read, readLater].map(limits)).toEqual([
      ["application/json; charset=utf-8", "100", "99", "60"],
      ["application/json; charset=utf-8", "400", "399", "60"],
      ["application/json; charset=utf-8", "400", "398", "60"],
    ]);
    expect(read.get("render-request-id")).not.toBe(readLater.get("render-request-id"));
  });
});
