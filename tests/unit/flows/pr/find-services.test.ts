import { describe, expect, it } from "vitest";

import { chooseServices } from "../../../../src/flows/pr/find-services.ts";

function service(id: string, branch: string, parent?: string) {
  const parentServer = parent === undefined ? {} : { parentServer: { id: parent, name: parent } };
  return {
    id,
    name: id,
    ownerId: "tea",
    type: "web_service",
    branch,
    serviceDetails: { url: `https://${id}`, ...parentServer },
  };
}

const SERVICES = [
  service("web", "main"),
  service("web-1", "cart", "web"),
  service("web-2", "login", "web"),
  service("other-1", "cart", "other"),
];

describe("chooseServices", () => {
  it("finds the preview of each parent by its branch", () => {
    const { found, problems } = chooseServices(SERVICES, { parents: ["web"], branch: "cart", named: [] });
    expect(found).toEqual([{ id: "web-1", name: "web-1", parent: "web", url: "https://web-1" }]);
    expect(problems).toEqual([]);
  });

  it("waits where a parent has no preview yet", () => {
    const answer = chooseServices(SERVICES, { parents: ["web", "api"], branch: "cart", named: [] });
    expect(answer).toMatchObject({ isMissing: true, problems: ["api has no preview of the branch cart"] });
  });

  it("does not choose between two of the same branch, and does not wait either", () => {
    const twice = [...SERVICES, service("web-3", "cart", "web")];
    const answer = chooseServices(twice, { parents: ["web"], branch: "cart", named: [] });
    expect(answer).toMatchObject({ isMissing: false });
    expect(answer.problems).toEqual(["web has 2 previews of the branch cart: web-1, web-3"]);
  });

  it("takes the one that a person names, and none that is no preview of the template's services", () => {
    const wanted = { parents: ["web"], branch: undefined };
    expect(chooseServices(SERVICES, { ...wanted, named: ["web-2"] }).found).toMatchObject([{ id: "web-2" }]);
    for (const stranger of ["web", "other-1", "nobody"]) {
      const answer = chooseServices(SERVICES, { ...wanted, named: [stranger] });
      expect(answer.problems).toContain(`${stranger} is no preview of a service of the template`);
      expect(answer.isMissing).toBe(false);
    }
  });
});
