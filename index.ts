import { buildEnvironment } from "./src/stack/program.ts";

export const { environment, namespaces, gateway, credentials, environmentGroup, variables, secretVariables } =
  buildEnvironment();
