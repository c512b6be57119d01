import { connectVendors, type Vendors } from "../../vendors/endpoints.ts";
import type { Context } from "../../cli/define-command.ts";
import { pause } from "../../core/pause.ts";

/** Both vendors for one command. Pauses that they ask for are shown, and end with an interrupt. */
export function vendorsOf({ env, signal, output }: Pick<Context, "env" | "signal" | "output">): Vendors {
  return connectVendors({
    env,
    signal,
    fetch,
    sleep: pause,
    onPause: (vendor, seconds) => {
      output.emit({ type: "warning", text: `${vendor} asks for a pause of ${String(seconds)} s.` });
    },
  });
}
