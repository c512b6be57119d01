import * as pulumi from "@pulumi/pulumi";

/**
 * All values that the stack's configuration holds under `<project>:`, without that prefix. Objects arrive as JSON,
 * everything else as text; secrets are decrypted.
 */
export function pulumiConfigValues(project: string): Record<string, unknown> {
  const prefix = `${project}:`;
  const entries = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, text]) => [key.slice(prefix.length), parsed(text)] as const);
  return Object.fromEntries(entries);
}

function parsed(text: string): unknown {
  if (!text.startsWith("{") && !text.startsWith("[")) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
