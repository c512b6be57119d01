import { openEnvironment } from "../../flows/environment/open-environment.ts";
import { requireOutputs, maskedOutputs } from "../../state/outputs.ts";
import { defineCommand, STACK_OPTION } from "../define-command.ts";

export const outputs = defineCommand<{ readonly stack: string }>({
  name: "outputs",
  summary: "what exists: namespaces, credentials, environment group; secrets masked",
  options: [STACK_OPTION],
  examples: ["kvshift outputs --stack dev", "kvshift outputs --stack dev --json"],
  run: async ({ stack }, context) => {
    await using environment = await openEnvironment(stack, context, {
      create: false,
      needsVendors: false,
      lock: "none",
      identity: "any",
    });
    const values = maskedOutputs(requireOutputs(await environment.session.outputs()));
    context.output.text(JSON.stringify(values, null, 2));
    return { stack, outputs: values };
  },
});
