import { describe, expect, it } from "vitest";

import { renderTable } from "../../../src/cli/output.ts";

describe("renderTable", () => {
  it("lines columns up without trailing spaces", () => {
    const rows = [
      ["PHASE", "kv", "now"],
      ["A_LONGER_NAME", "", ""],
    ];
    expect(renderTable(["NAME", "VALUE", "SINCE"], rows).split("\n")).toEqual([
      "NAME           VALUE  SINCE",
      "PHASE          kv     now",
      "A_LONGER_NAME",
    ]);
  });

  it("shows the header alone where there are no rows", () => {
    expect(renderTable(["NAME", "VALUE"], [])).toBe("NAME  VALUE");
  });

  it("takes a row with fewer cells", () => {
    expect(renderTable(["NAME", "VALUE"], [["only"]])).toBe("NAME  VALUE\nonly");
  });
});
