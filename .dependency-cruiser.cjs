// Imports flow one way: a folder of src imports only from folders above it in this list (ARCHITECTURE.md has the
// picture). Each rule says what to do instead.
const ORDER = [
  "core",
  "config",
  "kv",
  "gateway",
  "stack",
  "state",
  "policy",
  "processes",
  "vendors",
  "engine",
  "audit",
  "flows",
  "cli",
];

const downward = ORDER.map((folder, index) => ({
  name: `${folder}-knows-nothing-below`,
  comment: `src/${folder} may import only from src/{${ORDER.slice(0, index).join(",") || "nothing"}}: pass what it needs in as an argument.`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: `^src/(${ORDER.slice(index + 1).join("|") || "-"})/` },
}));

/** The one place of src that puts the local cloud's provider plugins where the engine looks for them. */
const INSTALLS_PLUGINS = "src/flows/environment/open-environment\\.ts";

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...downward,
    {
      name: "kv-stands-alone",
      comment: "Applications import the library: it takes the vocabulary of src/core, and what its package.json names.",
      severity: "error",
      from: { path: "^src/kv/" },
      to: {
        path: "^src/|node_modules/",
        pathNot: "^src/(core|kv)/|node_modules/(@types/)?(lru-cache|express-session)/",
      },
    },
    {
      name: "no-cycles",
      comment: "Two files that need each other are one thing, or hide a third: take it out.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "pulumi-only-where-it-belongs",
      comment: "Only the program, the recorded state, the policies, the engine and the local plugins speak Pulumi.",
      severity: "error",
      from: { path: "^(src|local-cloud)/", pathNot: "^(src/(stack|state|policy|engine)|local-cloud/plugins)/" },
      to: { path: "node_modules/@pulumi/|^sdks/" },
    },
    {
      name: "local-cloud-is-not-a-library",
      comment: "Nothing but the CLI starts the local cloud: what others need of it belongs elsewhere.",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/cli/|^${INSTALLS_PLUGINS}$` },
      to: { path: "^local-cloud/" },
    },
    {
      name: "only-plugins-are-installed",
      comment: "An environment takes the provider plugins of the local cloud, and nothing else of it.",
      severity: "error",
      from: { path: `^${INSTALLS_PLUGINS}$` },
      to: { path: "^local-cloud/", pathNot: "^local-cloud/plugins/install\\.ts$" },
    },
    {
      name: "local-cloud-knows-no-flow",
      comment: "The vendors' stand-ins know the vocabulary and nothing of what is tested on them.",
      severity: "error",
      from: { path: "^local-cloud/" },
      to: { path: "^src/(state|policy|vendors|engine|flows|cli)/" },
    },
    {
      name: "emulators-share-no-rule-with-the-gateway",
      comment: "One suite judges the emulator and the gateway: a bug that both share would not be seen.",
      severity: "error",
      from: { path: "^local-cloud/" },
      to: { path: "^src/gateway/" },
    },
    {
      name: "terminal-only-in-cli",
      comment: "Only the CLI asks and prints: emit an event instead.",
      severity: "error",
      from: { path: "^(src|local-cloud)/", pathNot: "^src/cli/" },
      to: { path: "node_modules/(@clack|commander)/" },
    },
    {
      name: "benchmarks-and-tests-apart",
      comment: "What both use has a room of its own, outside of both.",
      severity: "error",
      from: { path: "^benchmarks/" },
      to: { path: "^tests/" },
    },
    {
      name: "tests-and-benchmarks-apart",
      comment: "What both use has a room of its own, outside of both.",
      severity: "error",
      from: { path: "^tests/" },
      to: { path: "^benchmarks/" },
    },
    {
      name: "no-undeclared-packages",
      comment: "Add the package to package.json, or use one that is there.",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
