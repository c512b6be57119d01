import { AppError } from "../../../src/core/app-error.ts";

/** The `AppError` that `run` throws. Anything else, or nothing at all, fails the test. */
export function configFailure(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("the configuration was taken, but a refusal was expected");
}
