// Writes docs/isolation.md from what gateways in this process answer; with --check it fails where the file is stale.
import { attemptsAtHome, attemptsElsewhere, observe } from "../tests/support/isolation.ts";
import { isolationDocument } from "../tests/support/isolation-document.ts";
import { openInMemory } from "../tests/support/isolation-in-memory.ts";
import { writeOrCheck } from "./generated-file.ts";

const { environments, send } = await openInMemory();
const atHome = await observe(attemptsAtHome(environments), send);
// The test tries all callers.
const one = attemptsElsewhere(environments).filter(({ caller }) => caller === "application");
writeOrCheck("docs/isolation.md", isolationDocument(atHome, await observe(one, send)));
