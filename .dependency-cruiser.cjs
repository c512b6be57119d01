// Imports flow one way: a folder of src imports only from folders above it in this list (ARCHITECTURE.md has the
// picture). Each rule says what to do instead.
const ORDER = ["core", "config", "gateway", "stack", "policy", "processes", "vendors", "engine", "cli"];

const downward = ORDER.map((folder, index) => ({
  name: `${folder}-knows-nothing-below`,
  comment: `src/${folder} may import only from src/{${ORDER.slice(0, index).join(",") || "nothing"}}: pass what it needs in as an argument.`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: `^src/(${ORDER.slice(index + 1).join("|") || "-"})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...downward,
    {
      name: "no-cycles",
      comment: "Two files that need each other are one thing, or hide a third: take it out.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "pulumi-only-where-it-belongs",
      comment: "Only the program, the policies, the engine and the local plugins speak Pulumi.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(stack|policy|engine)/" },
      to: { path: "node_modules/@pulumi/|^sdks/" },
    },
    {
      name: "local-cloud-is-not-a-library",
      comment: "Nothing but the CLI starts the local cloud: what others need of it belongs elsewhere.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^local-cloud/" },
    },
    {
      name: "terminal-only-in-cli",
      comment: "Only the CLI asks and prints: emit an event instead.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "node_modules/(@clack|commander)/" },
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
