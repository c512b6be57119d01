import { describe, expect, it } from "vitest";

import { type Fault, FaultPlan } from "../../../../local-cloud/http/faults.ts";

const DROP: Fault = { kind: "drop" };
const LOSE: Fault = { kind: "lose-answer" };
const SERVICE = "/v1/services/srv-1";

function request(method: string, path = SERVICE): Request {
  return new Request(`http://render.test${path}`, { method });
}

describe("FaultPlan", () => {
  it("lets the first matching calls pass, befalls as many as asked for and counts those", () => {
    const plan = new FaultPlan();
    const handle = plan.add({ method: "GET", path: SERVICE, skip: 1, times: 2, fault: DROP });
    const taken = ["GET", "POST", "GET", "GET", "GET"].map((method) => plan.take(request(method)));
    expect(taken).toEqual([undefined, undefined, DROP, DROP, undefined]);
    expect(handle.hits).toBe(2);
  });

  it("befalls one call where nothing else is said, and every method where that is asked for", () => {
    const plan = new FaultPlan();
    plan.add({ method: "*", path: SERVICE, fault: DROP });
    expect([plan.take(request("PATCH")), plan.take(request("PATCH"))]).toEqual([DROP, undefined]);
  });

  it("takes a string for the whole path without its query", () => {
    const plan = new FaultPlan();
    plan.add({ method: "GET", path: SERVICE, times: Infinity, fault: DROP });
    const paths = [SERVICE, `${SERVICE}?limit=1`, `${SERVICE}/deploys`, "/v1/services"];
    expect(paths.map((path) => plan.take(request("GET", path))?.kind)).toEqual(["drop", "drop", undefined, undefined]);
  });

  it("searches path and query for a pattern, whatever its flags", () => {
    const plan = new FaultPlan();
    plan.add({ method: "GET", path: /limit=1$/g, times: Infinity, fault: DROP });
    const paths = [`${SERVICE}?limit=1`, `${SERVICE}?limit=1`, SERVICE];
    expect(paths.map((path) => plan.take(request("GET", path))?.kind)).toEqual(["drop", "drop", undefined]);
  });

  it("gives a call the fault of the oldest rule that is not used up, and only that", () => {
    const plan = new FaultPlan();
    plan.add({ method: "GET", path: SERVICE, skip: 1, fault: DROP });
    const lost = plan.add({ method: "GET", path: SERVICE, times: 2, fault: LOSE });
    const taken = [1, 2, 3, 4].map(() => plan.take(request("GET")));
    expect(taken).toEqual([LOSE, DROP, LOSE, undefined]);
    expect(lost.hits).toBe(2);
  });

  it("forgets its rules and leaves their handles what they counted", () => {
    const plan = new FaultPlan();
    const handle = plan.add({ method: "GET", path: SERVICE, times: 2, fault: DROP });
    plan.take(request("GET"));
    plan.clear();
    expect([plan.take(request("GET")), handle.hits]).toEqual([undefined, 1]);
  });
});
