import { once } from "node:events";

import type { LocalCloud } from "../../../local-cloud/cloud.ts";
import { AppError } from "../../core/app-error.ts";
import { shellWord } from "../../core/shell.ts";
import { MAX_TIME_SCALE } from "../../config/time-scale.ts";
import { findProject } from "../../engine/project.ts";
import { defineCommand } from "../define-command.ts";
import { startLocalEnvironment } from "../local-environment.ts";

export const localUp = defineCommand<{ readonly timeScale?: string }>({
  name: "local up",
  summary: "serve a Cloudflare and a Render on this machine until interrupted; prints the variables that reach them",
  options: [
    {
      flags: "--time-scale <factor>",
      description: "how many times faster than at the vendors waits pass, 1 to 10000 (default: 60)",
    },
  ],
  examples: ["kvshift local up", "kvshift local up --time-scale 600", "kvshift local up --json"],
  run: async ({ timeScale }, { cwd, clock, output, signal }) => {
    const scale = timeScale === undefined ? undefined : readTimeScale(timeScale);
    await using local = await startLocalEnvironment(await findProject(cwd), clock, { timeScale: scale });
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

function readTimeScale(text: string): number {
  const scale = Number(text);
  if (scale >= 1 && scale <= MAX_TIME_SCALE) return scale;
  throw new AppError("USAGE", {
    problem: `--time-scale takes a number from 1 to ${String(MAX_TIME_SCALE)}, not ${JSON.stringify(text)}.`,
    fix: "Leave it out for 60: a minute of the vendors takes a second.",
  });
}

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
