import { pause, type RunContext } from "../../core/run-context.ts";
import { connectVendors, type Vendors } from "../../vendors/endpoints.ts";

/** Both vendors for one command. Pauses that they ask for are shown, and end with an interrupt. */
export function vendorsOf({ env, signal, emit }: Pick<RunContext, "env" | "signal" | "emit">): Vendors {
  return connectVendors({
    env,
    signal,
    fetch,
    sleep: pause,
    onPause: (vendor, seconds) => {
      emit({ type: "warning", text: `${vendor} asks for a pause of ${String(seconds)} s.` });
    },
  });
}
