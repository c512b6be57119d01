import { afterEach, beforeEach, vi } from "vitest";

const METHODS = ["log", "info", "warn", "error", "debug"] as const;

// Only the CLI prints: what reaches the console in a test is a leak or a forgotten trace.
beforeEach(() => {
  for (const method of METHODS) vi.spyOn(console, method).mockImplementation(() => undefined);
});

afterEach(() => {
  const printed = METHODS.flatMap((method) =>
    vi.mocked(console[method]).mock.calls.map((call) => `${method}: ${call.join(" ")}`),
  );
  vi.restoreAllMocks();
  if (printed.length > 0) throw new Error(`the test printed:\n${printed.join("\n")}`);
});
