/**
 * What went wrong, in the words of an operator, by code. The exit code follows from the class:
 * 1 a bug of ours, 2 usage or configuration, 3 refused, 4 a vendor failed, 5 partly done (run it again).
 */
export const ERROR_CODES = {
  BUG: { exit: 1, summary: "kvshift met a state that it does not know." },
  CLOSED_BY_SIGNAL: { exit: 5, summary: "The run was interrupted." },
  USAGE: { exit: 2, summary: "The command line is not understood." },
  CONFIG_INVALID: { exit: 2, summary: "The configuration of an environment has problems." },
  CONFIG_NOT_FOUND: { exit: 2, summary: "There is no configuration file for the environment." },
  CONFIG_NOT_YAML: { exit: 2, summary: "The configuration file is not valid YAML." },
  PROJECT_NOT_FOUND: { exit: 2, summary: "No Pulumi project was found in this folder or above it." },
  BACKEND_INVALID: { exit: 2, summary: "The state backend cannot be used." },
  PASSPHRASE_MISSING: { exit: 2, summary: "The passphrase that encrypts secrets in state is not set." },
  PASSPHRASE_WRONG: { exit: 2, summary: "The passphrase does not fit the stack." },
  VENDOR_ENVIRONMENT_MISSING: { exit: 2, summary: "A vendor's key or endpoint is not set." },
  WORKSPACE_DIFFERS: { exit: 2, summary: "RENDER_OWNER_ID and the environment's file name different workspaces." },
  PROVIDERS_INVALID: { exit: 2, summary: "The chosen provider plugins cannot be used." },
  LOCAL_WORKERS_REFUSED: { exit: 2, summary: "KVSHIFT_LOCAL_WORKERS_URL is set, but Cloudflare is not the local one." },
  STACK_NOT_FOUND: { exit: 2, summary: "The environment has not been provisioned yet." },
  STACK_LOCKED: { exit: 3, summary: "Another run holds the lock of the stack." },
  ENVIRONMENT_EXISTS: { exit: 3, summary: "The file of a new environment exists already." },
  NOT_CONFIRMED: { exit: 3, summary: "The change was not confirmed." },
  ROTATION_REFUSED: { exit: 3, summary: "The change of credentials would break or skip a step of a rotation." },
  NAMESPACE_CHANGE_REFUSED: { exit: 3, summary: "A namespace would no longer find its data." },
  ACCESS_CHANGE_REFUSED: { exit: 3, summary: "Another access would take credentials away that services hold." },
  CONFIG_BEHIND: { exit: 3, summary: "The configuration is older than what was provisioned." },
  POLICY_VIOLATED: { exit: 3, summary: "A policy forbids the change." },
  PROTECTED: { exit: 3, summary: "The change would delete a protected resource." },
  UNRECORDED_OBJECT: { exit: 3, summary: "A vendor has an object of the environment that its state does not know." },
  ADOPTION_REFUSED: { exit: 3, summary: "Something that exists cannot be taken up as it is." },
  CLI_UNAVAILABLE: { exit: 4, summary: "No usable Pulumi CLI could be found, installed or built." },
  VENDOR_FAILED: { exit: 4, summary: "A vendor refused or failed." },
  ENGINE_FAILED: { exit: 4, summary: "The Pulumi engine stopped with an error." },
  PARTIAL: { exit: 5, summary: "Some changes were made before an error; run it again." },
  GATEWAY_NOT_BUILT: { exit: 1, summary: "The Worker of the gateway could not be bundled." },
  LOCAL_CLOUD_FAILED: { exit: 1, summary: "The local cloud could not start or broke down." },
  PROOF_FAILED: { exit: 3, summary: "A proof of the demo did not hold." },
  ATTENTION_NEEDED: { exit: 3, summary: "The status of an environment has something that needs attention." },
  DEPLOY_FAILED: { exit: 5, summary: "A service was not deployed with the variables of now." },
  CHECKUP_FAILED: { exit: 3, summary: "Something that a run needs is missing or wrong." },
} as const satisfies Record<string, { exit: 1 | 2 | 3 | 4 | 5; summary: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;
