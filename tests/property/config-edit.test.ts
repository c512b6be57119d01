import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { type CredentialsEdit, editCredentials } from "../../src/config/edit-credentials.ts";
import { type Role, ROLES } from "../../src/core/names.ts";
import { campaign } from "../support/campaign.ts";

const CONTEXT = { environment: "dev", now: Date.parse("2027-01-01T00:00:00Z"), file: "Pulumi.dev.yaml" };
const DATES = { mintedAt: "2026-12-01T00:00:00Z", expiresAt: "2027-11-23T00:00:00Z" };

interface Layout {
  readonly flow: boolean;
  readonly comments: boolean;
  readonly end: "\n" | "\r\n";
  readonly quote: "" | '"' | "'";
  readonly dates: boolean;
  readonly rotation: boolean;
  readonly lastLine: boolean;
  readonly trailingComma: boolean;
  readonly order: boolean;
  readonly mark: boolean;
}

const layout: fc.Arbitrary<Layout> = fc.record({
  flow: fc.boolean(),
  comments: fc.boolean(),
  end: fc.constantFrom("\n", "\r\n"),
  quote: fc.constantFrom("", '"', "'"),
  dates: fc.boolean(),
  rotation: fc.boolean(),
  lastLine: fc.boolean(),
  trailingComma: fc.boolean(),
  order: fc.boolean(),
  mark: fc.boolean(),
});

/** A file as a person might write it: one slot of each role is live, the other one is empty. */
function fileOf({ flow, comments, end, quote, dates, rotation, lastLine, trailingComma, order, mark }: Layout): string {
  const note = (text: string) => (comments ? ` # ${text}, ü: {x}` : "");
  const q = (text: string) => `${quote}${text}${quote}`;
  const slot = (name: string, fields: readonly string[]) =>
    flow
      ? [`        ${name}: { ${fields.join(", ")}${trailingComma ? "," : ""} }${note(name)}`]
      : [`        ${name}:${note(name)}`, ...fields.map((field, index) => `          ${field}${note(String(index))}`)];
  const used = [`epoch: 1`, `state: ${q("live")}`, `mintedAt: "${DATES.mintedAt}"`, `expiresAt: "${DATES.expiresAt}"`];
  const empty = [`epoch: 0`, `state: ${q("empty")}`, ...(dates ? [`mintedAt: "${DATES.mintedAt}"`] : [])];
  const role = (name: Role) => [
    `    ${name}:`,
    `      active: ${q("a")}${note("handed out")}`,
    ...(rotation ? [`      rotation: r-1${note("under way")}`] : []),
    `      slots:`,
    ...slot("a", order ? used.toReversed() : used),
    ...(comments ? ["        # between"] : []),
    ...slot("b", empty),
  ];
  const head = [
    "config:",
    "  kvshift:kind: development",
    "  kvshift:app: brainbot",
    "  kvshift:access: gateway",
    "  kvshift:phase: kv",
    `  kvshift:cloudflare: { accountId: "${"0d".repeat(16)}", workersSubdomain: brainbot }`,
    "  kvshift:namespaces: { cache: { consistency: eventual, defaultTtlSeconds: 3600 } }",
    "  kvshift:render: { ownerId: tea-d0000000000000000001, services: [srv-d0000000000000000001] }",
  ];
  const lines = [...head, "  kvshift:credentials:", ...ROLES.flatMap(role)];
  return `${mark ? "\uFEFF" : ""}${lines.join(end)}${lastLine ? end : ""}`;
}

const MINT = {
  rotation: "rotate-20270101-ab12",
  slots: { b: { epoch: 1, state: "live", ...DATES } },
};
const STEPS: readonly Record<string, unknown>[] = [
  MINT,
  { active: "b", slots: { a: { state: "draining" } } },
  { slots: { a: { state: "suspended" } } },
  { slots: { a: { state: "draining" } } },
  { slots: { a: { state: "suspended" } } },
  { slots: { a: { state: "empty", mintedAt: null, expiresAt: null } } },
  { rotation: null },
];

/** What stands before the roles, and each role. */
const partsOf = (text: string) => text.split(/^(?= {4}(?:application|operator):)/m);
/** What is left of a role without what an edit may set, and without blanks and comments: those are compared apart. */
const residue = (part: string) =>
  part
    .replaceAll(/#.*/g, "")
    .replaceAll(/(?:active|rotation|epoch|state|mintedAt|expiresAt): (?:"[^"]*"|'[^']*'|[^\s,}#]+),?/g, "")
    .replaceAll(/\s+/g, "");
const comments = (text: string) => [...text.matchAll(/#.*/g)].map(([comment]) => comment.trimEnd());
const known = (text: string) => parse(text.replace(/^\uFEFF/, "")) as Record<string, unknown>;

describe("the edits of a rotation", () => {
  it("say in any layout of the file what was meant, and touch no other line", () => {
    fc.assert(
      fc.property(layout, fc.subarray([...ROLES], { minLength: 1 }), (form, roles) => {
        let text = fileOf(form);
        for (const step of STEPS) {
          const edit = Object.fromEntries(roles.map((role) => [role, step])) as CredentialsEdit;
          const edited = editCredentials(text, edit, CONTEXT);
          const [before, after] = [partsOf(text), partsOf(edited)];
          expect(after.length).toBe(before.length);
          for (const [index, part] of after.entries()) {
            const isEdited = roles.some((role) => part.startsWith(`    ${role}:`));
            const shown = isEdited ? residue : (one: string) => one;
            expect(shown(part)).toBe(shown(before[index] ?? ""));
          }
          // A comment goes only with the line of the key that is taken out.
          const gone = comments(text).filter((comment) => !comments(edited).includes(comment));
          const takesOut = JSON.stringify(step).includes("null");
          expect(gone.length === 0 || takesOut).toBe(true);
          expect(edited.startsWith("\uFEFF")).toBe(form.mark);
          text = edited;
        }
        const credentials = (known(text)["config"] as Record<string, unknown>)["kvshift:credentials"];
        for (const role of roles) {
          expect(credentials).toMatchObject({
            [role]: {
              active: "b",
              slots: { a: { epoch: 1, state: "empty" }, b: { epoch: 1, state: "live", ...DATES } },
            },
          });
        }
      }),
      { numRuns: campaign(200) },
    );
  });

  it("leave a file alone that has problems, and say which", () => {
    const text = fileOf({
      flow: true,
      comments: false,
      end: "\n",
      quote: "",
      dates: false,
      rotation: false,
      lastLine: true,
      trailingComma: false,
      order: false,
      mark: false,
    }).replace("epoch: 1", "epoch: x");
    expect(() => editCredentials(text, { application: { active: "b" } }, CONTEXT)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });
});
