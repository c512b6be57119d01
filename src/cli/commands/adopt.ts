import { adopt as adoptExisting, type GroupResult } from "../../flows/adopt/adopt.ts";
import { defineCommand, STACK_OPTION, WAIT_OPTION, YES_OPTION } from "../define-command.ts";

interface AdoptFlags {
  readonly stack: string;
  readonly namespace?: readonly string[];
  readonly group?: string;
  readonly leftBlueprint?: boolean;
  readonly yes?: boolean;
  readonly wait?: boolean;
}

export const adopt = defineCommand<AdoptFlags>({
  name: "adopt",
  summary: "take up what exists: namespaces with their data, and the variables of a group that people made",
  options: [
    STACK_OPTION,
    {
      flags: "--namespace <name=id...>",
      description:
        "a namespace of the environment's file, and the id of the existing one; it gets the environment's title",
    },
    {
      flags: "--group <group>",
      description: "id or name of an environment group: its kvshift variables move to the environment's own group",
    },
    { flags: "--left-blueprint", description: "the variables have left render.yaml, and the Blueprint has synced" },
    YES_OPTION,
    WAIT_OPTION,
  ],
  examples: [
    "kvshift adopt --stack prod --namespace sessions=0f2ac74b498b48028cb68387c421e279",
    "kvshift adopt --stack prod --group brainbot-shared",
  ],
  run: async ({ stack, namespace = [], group, leftBlueprint = false, yes, wait = false }, context) => {
    const options = { namespaces: namespace, group, leftBlueprint, yes, wait };
    const result = await adoptExisting(stack, options, context);
    if (namespace.length > 0) {
      const count = String(Object.keys(result.namespaces).length);
      context.output.text(`${stack}: ${count} namespace(s) taken up, with all data`);
    }
    if (result.group === undefined) return { stack, namespaces: result.namespaces };
    for (const line of groupLines(result.group)) context.output.text(line);
    const { moved, stayed, removed } = result.group;
    return { stack, namespaces: result.namespaces, group: { moved, stayed, removed } };
  },
});

function groupLines({ name, moved, stayed, removed }: GroupResult): string[] {
  if (moved.length === 0) return [`${name} holds no variable that the environment's own group gives: nothing to do`];
  const left = removed ? "deleted: it held nothing else" : `keeps ${stayed.join(", ")}`;
  return [`${name} ${left}`, "Services see the change with their next deploy."];
}
