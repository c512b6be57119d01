import { readdir } from "node:fs/promises";
import { join } from "node:path";

import type { Installation } from "./installation.ts";
import { runStep } from "../installing/run-step.ts";

/** The program is in `redis-tools`; the libraries are those that a small system does not have. */
const PACKAGES = ["redis-server", "redis-tools", "liblzf1", "libjemalloc2"];

/** Debian's package, unpacked and not installed: no service starts, and no user with special rights is needed. */
export const DEBIAN_PACKAGE: Installation = {
  source: "Debian's package",
  folder: join("redis", "debian"),
  fill: async (folder, env) => {
    await runStep("apt-get", ["download", "-qq", ...PACKAGES], { cwd: folder, env });
    for (const name of await readdir(folder)) {
      await runStep("dpkg-deb", ["--extract", name, "."], { cwd: folder, env });
    }
  },
  command: (folder) => join(folder, "usr", "bin", "redis-server"),
  env: async (folder) => {
    // One folder for each architecture: https://wiki.debian.org/Multiarch
    const libraries = join(folder, "usr", "lib");
    const names = await readdir(libraries).catch(() => []);
    return { LD_LIBRARY_PATH: names.map((name) => join(libraries, name)).join(":") };
  },
};
