// Writes docs/policy.md from the rules; with --check it fails where the file is stale.
import { policyDocument } from "../src/policy/document.ts";
import { ALL_RULES } from "../src/policy/rules.ts";
import { writeOrCheck } from "./generated-file.ts";

writeOrCheck("docs/policy.md", policyDocument(ALL_RULES));
