#!/usr/bin/env node
// Starts kvshift on Node.js 24, whatever Node.js runs this file (20 and up). Plain JavaScript for that reason.
import { runOnNode24 } from "../scripts/node-24.js";
import { endWithAncestors } from "../scripts/watch-ancestors.js";

const MAIN = new URL("../src/cli/main.ts", import.meta.url);

// npx starts a shell that starts this: where npx is killed, nothing of it may go on.
endWithAncestors();
process.exitCode = await runOnNode24(MAIN, process.argv.slice(2));
