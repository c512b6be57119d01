import { fileURLToPath } from "node:url";

/** The folder of kvshift itself, wherever the command runs. */
export const INSTALLATION = fileURLToPath(new URL("../../", import.meta.url));
