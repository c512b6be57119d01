// Plain JavaScript: Pulumi would type-check a TypeScript pack with settings of its own before each run.
import { fileURLToPath } from "node:url";

import { PolicyPack } from "@pulumi/policy";

import { readEnvironmentFiles } from "../src/policy/neighbours.ts";
import { stackPolicies } from "../src/policy/pack.ts";
import { RULES } from "../src/policy/rules.ts";

// kvshift says where the project is; for plain `pulumi up` it is the folder around this one.
const project = process.env.KVSHIFT_PROJECT_FOLDER ?? fileURLToPath(new URL("..", import.meta.url));
const policies = stackPolicies(RULES, readEnvironmentFiles(project));

export const pack = new PolicyPack("kvshift", { enforcementLevel: "mandatory", policies });
