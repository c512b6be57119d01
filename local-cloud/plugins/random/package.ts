import type { RandomBytes } from "../../../src/core/random.ts";
import type { Package } from "../provider.ts";
import { passwordType } from "./password.ts";

/** The part of `@pulumi/random` that kvshift uses. It speaks to nobody. */
export function randomPackage(random: RandomBytes): Package {
  return { resources: { "random:index/randomPassword:RandomPassword": passwordType(random) }, functions: {} };
}
