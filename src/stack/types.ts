/** Type tokens of the components. They are part of every URN: a change needs an alias. */
export const COMPONENT_TYPES = {
  environment: "kvshift:index:Environment",
  namespaces: "kvshift:index:Namespaces",
  credentials: "kvshift:index:Credentials",
  gatewayCredentials: "kvshift:index:GatewayCredentials",
  gateway: "kvshift:index:Gateway",
  environmentGroup: "kvshift:index:EnvironmentGroup",
} as const;
