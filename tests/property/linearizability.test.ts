import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { KEY_MODEL, type KeyOperation, type KeyState } from "../support/key-model.ts";
import { type Call, isLinearizable } from "../support/linearizability.ts";

/** `operation` from `begin` to `end`. */
const call = (begin: number, end: number, operation: KeyOperation): Call<KeyOperation> => ({ begin, end, operation });
const put = (value: string): KeyOperation => ({ kind: "put", value, ends: false });
const saw = (value: string, version = `version of ${value}`): KeyOperation => ({
  kind: "get",
  answer: { value, version, ends: false },
});
const sawNothing: KeyOperation = { kind: "get" };
const LOST = Infinity;

const judge = (...calls: readonly Call<KeyOperation>[]) => isLinearizable(calls, KEY_MODEL);

describe("the checker of histories", () => {
  test.each<[string, readonly Call<KeyOperation>[]]>([
    ["a read that sees a write before it", [call(1, 2, put("a")), call(3, 4, saw("a"))]],
    [
      "a read that sees a write under way, or not yet",
      [call(1, 6, put("a")), call(2, 3, sawNothing), call(4, 5, saw("a"))],
    ],
    ["a write that was lost and never seen", [call(1, LOST, put("a")), call(2, 3, sawNothing)]],
    ["a write that was lost and is seen late", [call(1, LOST, put("a")), call(2, 3, sawNothing), call(4, 5, saw("a"))]],
    ["two writes at once, in either order", [call(1, 4, put("a")), call(2, 3, put("b")), call(5, 6, saw("a"))]],
  ])("accepts %s", (_, calls) => {
    expect(judge(...calls)).toBe(true);
  });

  test.each<[string, readonly Call<KeyOperation>[]]>([
    ["a read that misses a write before it", [call(1, 2, put("a")), call(3, 4, sawNothing)]],
    [
      "a write that is seen, gone, and back",
      [call(1, 2, put("a")), call(3, 9, put("b")), call(4, 5, saw("b")), call(6, 7, saw("a")), call(10, 11, saw("b"))],
    ],
    [
      "a write that undoes a later one: seen, overwritten, there again",
      [call(1, 9, put("a")), call(2, 3, saw("a")), call(4, 5, put("b")), call(10, 11, saw("a"))],
    ],
    ["a value that nobody wrote", [call(1, 2, put("a")), call(3, 4, saw("b"))]],
    ["a delete that did not last", [call(1, 2, put("a")), call(3, 4, { kind: "delete" }), call(5, 6, saw("a"))]],
    ["one value with two versions", [call(1, 2, put("a")), call(3, 4, saw("a", "one")), call(5, 6, saw("a", "two"))]],
    [
      "two callers who both were the first",
      [1, 2].map((at) =>
        call(at, at + 2, { kind: "put-if-absent", value: String(at), answer: { applied: true, version: String(at) } }),
      ),
    ],
    [
      "a value that was handed out twice",
      [
        call(1, 2, put("a")),
        ...[3, 4].map((at) =>
          call(at, at + 2, {
            kind: "get-and-delete",
            answer: { applied: true, version: undefined, value: "a" },
          } as const),
        ),
      ],
    ],
    [
      "a counter that lost a step",
      [1, 2].map((at) =>
        call(at, at + 2, { kind: "increment", answer: { applied: true, version: String(at), value: 1 } }),
      ),
    ],
    [
      "a change of a version that was no longer there",
      [
        call(1, 2, put("a")),
        call(3, 4, saw("a", "one")),
        call(5, 6, { kind: "touch", ends: false, answer: { applied: true, version: "two" } }),
        call(7, 8, {
          kind: "put-if-unchanged",
          value: "b",
          version: "one",
          answer: { applied: true, version: "three" },
        }),
      ],
    ],
    [
      "an end that nobody set",
      [call(1, 2, put("a")), call(3, 4, { kind: "get", answer: { value: "a", version: "one", ends: true } })],
    ],
  ])("rejects %s", (_, calls) => {
    expect(judge(...calls)).toBe(false);
  });

  test("accepts whatever an object does that takes one call after the other, however the calls overlap", () => {
    const operation = fc.oneof(
      fc.constantFrom<KeyOperation["kind"]>(
        "get",
        "put",
        "delete",
        "put-if-absent",
        "increment",
        "touch",
        "get-and-delete",
      ),
    );
    const calls = fc.array(fc.record({ kind: operation, early: fc.nat(3), late: fc.nat(3), isLost: fc.boolean() }), {
      maxLength: 14,
    });
    fc.assert(
      fc.property(calls, (planned) => {
        let state: KeyState;
        const history = planned.map(({ kind, early, late, isLost }, index) => {
          const { operation: done, next } = perform(state, kind, index);
          state = next;
          const at = index * 10;
          return call(at - early * 10, isLost ? LOST : at + 1 + late * 10, isLost ? withoutAnswer(done) : done);
        });
        expect(isLinearizable(history, KEY_MODEL)).toBe(true);
      }),
    );
  });
});

/** An object of one key, written without the model. */
function perform(
  state: KeyState,
  kind: KeyOperation["kind"],
  index: number,
): { operation: KeyOperation; next: KeyState } {
  const version = `v${String(index)}`;
  const refused = { applied: false, version: state?.version };
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others are not drawn
  switch (kind) {
    case "put":
      return {
        operation: { kind, value: String(index), ends: true },
        next: { value: String(index), version, ends: true },
      };
    case "delete":
      return { operation: { kind }, next: undefined };
    case "put-if-absent": {
      if (state !== undefined) return { operation: { kind, value: "x", answer: refused }, next: state };
      return {
        operation: { kind, value: "x", answer: { applied: true, version } },
        next: { value: "x", version, ends: false },
      };
    }
    case "increment": {
      if (state?.value === "x") return { operation: { kind, answer: "refused" }, next: state };
      const value = Number(state?.value ?? 0) + 1;
      return {
        operation: { kind, answer: { applied: true, version, value } },
        next: { value: String(value), version, ends: state?.ends ?? false },
      };
    }
    case "touch": {
      if (state === undefined) return { operation: { kind, ends: true, answer: refused }, next: state };
      return {
        operation: { kind, ends: true, answer: { applied: true, version } },
        next: { ...state, version, ends: true },
      };
    }
    case "get-and-delete": {
      if (state === undefined) return { operation: { kind, answer: refused }, next: state };
      return {
        operation: { kind, answer: { applied: true, version: undefined, value: state.value } },
        next: undefined,
      };
    }
    default:
      return { operation: state === undefined ? { kind: "get" } : { kind: "get", answer: state }, next: state };
  }
}

function withoutAnswer(operation: KeyOperation): KeyOperation {
  if (!("answer" in operation)) return operation;
  const { answer: _, ...rest } = operation;
  return rest;
}
