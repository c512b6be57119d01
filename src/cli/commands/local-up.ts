import { once } from "node:events";

import type { LocalCloud } from "../../../local-cloud/cloud.ts";
import { shellWord } from "../../core/shell.ts";
import { findProject } from "../../engine/project.ts";
import { defineCommand } from "../define-command.ts";
import { startLocalEnvironment } from "../local-environment.ts";

export const localUp = defineCommand<Record<string, never>>({
  name: "local up",
  summary: "serve a Cloudflare and a Render on this machine until interrupted; prints the variables that reach them",
  options: [],
  examples: ["kvshift local up", "kvshift local up --json"],
  run: async (_options, { cwd, clock, output, signal }) => {
    await using local = await startLocalEnvironment(await findProject(cwd), clock);
    if (output.json) output.jsonLine(describe(local.cloud));
    else {
      for (const [key, value] of Object.entries(local.cloud.env)) output.text(`export ${key}=${shellWord(value)}`);
      output.note(
        "\nThe local cloud serves until you press Ctrl-C. In another terminal, export the lines above, then:",
      );
      output.note("  npx kvshift up --stack dev --yes");
    }
    if (!signal.aborted) await once(signal, "abort");
    return undefined;
  },
});

/** The one line that `--json` prints when the cloud is ready. */
function describe({ cloudflare, render, env, services, urlOf }: LocalCloud) {
  const accounts = cloudflare.accountTokens.map(({ accountId, token }) => ({ accountId, apiToken: token.reveal() }));
  return {
    cloudflare: {
      url: cloudflare.url,
      accountId: accounts[0]?.accountId,
      apiToken: env["CLOUDFLARE_API_TOKEN"],
      accounts,
    },
    render: {
      url: render.url,
      apiKey: env["RENDER_API_KEY"],
      ownerId: env["RENDER_OWNER_ID"],
      services: services.map(({ id, name }) => ({ id, name, url: urlOf(id) })),
    },
    env,
  };
}
