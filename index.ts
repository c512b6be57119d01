import { buildEnvironment } from "./src/stack/program.ts";

export const { environment, namespaces, credentials, environmentGroup, variables, secretVariables } =
  buildEnvironment();
