export { EnvGroup, type EnvGroupArgs, type EnvGroupEnvVar, type EnvGroupSecretFile } from "./env-group.ts";
export { EnvGroupLink, type EnvGroupLinkArgs } from "./env-group-link.ts";
export { Provider, type ProviderArgs } from "./provider.ts";
