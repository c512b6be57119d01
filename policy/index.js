// Plain JavaScript: Pulumi would type-check a TypeScript pack with settings of its own before each run.
import { PolicyPack } from "@pulumi/policy";

import { stackPolicies } from "../src/policy/pack.ts";
import { RULES } from "../src/policy/rules.ts";

export const pack = new PolicyPack("kvshift", { enforcementLevel: "mandatory", policies: stackPolicies(RULES) });
