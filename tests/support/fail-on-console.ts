import { afterEach, beforeEach, expect, vi } from "vitest";

const METHODS = ["log", "info", "warn", "error", "debug"] as const;

// Only the CLI prints: what reaches the console in a test is a leak or a forgotten trace.
beforeEach(() => {
  for (const method of METHODS) vi.spyOn(console, method).mockImplementation(() => undefined);
});

afterEach(() => {
  const calls = METHODS.flatMap((method) => vi.mocked(console[method]).mock.calls.map((call) => [method, ...call]));
  vi.restoreAllMocks();
  expect(calls).toEqual([]);
});
