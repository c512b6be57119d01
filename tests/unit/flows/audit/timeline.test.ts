import { describe, expect, it } from "vitest";

import type { AuditRecord } from "../../../../src/audit/record.ts";
import { timelineSvg } from "../../../../src/flows/audit/timeline-svg.ts";
import { lastRotation, timelineOf } from "../../../../src/flows/audit/timeline.ts";

const START = Date.parse("2026-12-01T09:00:00Z");
const [OLD, NEXT] = ["prod-application-a1", "prod-application-b1"];
const credentials = [{ role: "application", stage: "idle", old: OLD, next: NEXT }];
const step = (
  name: string,
  minute: number,
  details: object = {},
  kind: AuditRecord["kind"] = "outcome",
): AuditRecord => ({
  sequence: minute + 1,
  time: new Date(START + minute * 60_000).toISOString(),
  previous: "",
  run: "r",
  environment: "prod",
  flow: "rotate",
  step: name,
  kind,
  ...(kind === "outcome" ? { outcome: "done" } : {}),
  by: { kind: "operator", name: "ada", machine: "m" },
  versions: {},
  details: { credentials, ...details },
});

const UP: AuditRecord = {
  ...step("", 0),
  flow: "up",
  details: { credentials: { application: { active: OLD, [OLD]: "live" } } },
};
const RECORDS = [
  UP,
  step("mint", 1, {}, "intent"),
  step("mint", 2),
  step("distribute", 3),
  step("deploy", 4, { deployed: [{ id: "srv-1", name: "web <1>" }] }),
  step("observe", 14, { evidence: { answers: [{ credential: OLD, lastUsedAt: START + 5 * 60_000 }] } }, "evidence"),
  step("suspend", 15),
  step("resume", 16, { refused: [{ credential: OLD, client: "srv-9/x" }] }),
  step("suspend", 18),
  step("revoke", 20),
];

describe("the timeline of a rotation", () => {
  it("has a lane for each credential, with what it was and from when to when", () => {
    const { lanes, deploys, seen } = timelineOf(RECORDS);
    const minutes = (time: number) => (time - START) / 60_000;
    const told = lanes.map(({ id, segments }) => [
      id,
      segments.map(({ use, from, to }) => `${use} ${String(minutes(from))}-${String(minutes(to))}`),
    ]);
    expect(told).toEqual([
      [OLD, ["handed out 0-3", "draining 3-15", "suspended 15-16", "draining 16-18", "suspended 18-20"]],
      [NEXT, ["live 2-3", "handed out 3-20"]],
    ]);
    expect(deploys).toMatchObject([{ text: "web <1> live" }]);
    expect(seen.map(({ text, at }) => [text, minutes(at)])).toEqual([
      ["last use", 5],
      ["refused: srv-9/x", 16],
    ]);
  });

  it("is the last rotation, with the record before it", () => {
    const earlier = [step("mint", 0, {}, "intent"), step("mint", 0)];
    expect(lastRotation([...earlier, ...RECORDS])).toEqual(RECORDS);
    expect(lastRotation([UP])).toEqual([UP]);
  });

  it("is drawn as an SVG that is well-formed, for light and dark, and shows every lane, state and mark", () => {
    const svg = timelineSvg("prod & co", timelineOf(RECORDS));
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(
      svg.match(/<rect class="(?:handed-out|draining|suspended|live)" x="[^"]*" y="[^"]*" width="[^"]*" height="16"/g),
    ).toHaveLength(7);
    expect(svg).toContain("web &lt;1&gt; live");
    expect(svg).toContain("prod &amp; co");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    // Every element that is opened is closed.
    const tags = [...svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)].filter(([, , , self]) => self === "");
    const open: string[] = [];
    for (const [, closing, name = ""] of tags) {
      if (closing === "") open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});
