import * as pulumi from "@pulumi/pulumi";

/** Base64 of `{"remote":{"url":"registry.opentofu.org/render-oss/render","version":"1.9.1"}}`: which Terraform provider the bridge serves. */
const PARAMETER =
  "eyJyZW1vdGUiOnsidXJsIjoicmVnaXN0cnkub3BlbnRvZnUub3JnL3JlbmRlci1vc3MvcmVuZGVyIiwidmVyc2lvbiI6IjEuOS4xIn19";

/** Registers the package as the generated SDK does; the engine answers with the same reference every time. */
export function renderPackage(): Promise<string> {
  return pulumi.runtime.registerPackage({
    baseProviderName: "terraform-provider",
    baseProviderVersion: "1.1.3",
    baseProviderDownloadUrl: "",
    packageName: "render",
    packageVersion: "1.9.1",
    base64Parameter: PARAMETER,
  });
}
