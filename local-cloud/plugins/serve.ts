import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { main, type Provider } from "@pulumi/pulumi/provider/index.js";

const NO_STATE = { toJavaScript: () => ({}) };

/** Serves a provider to the engine that started this process; returns when the engine is done with it. */
export async function serve(provider: Provider): Promise<void> {
  acceptReadsWithoutState();
  await main(provider, process.argv.slice(2));
}

/** An import is a read without a state. The server of the SDK takes a state for granted and fails without one. */
function acceptReadsWithoutState(): void {
  const prototype: { getProperties: () => unknown } = messages.ReadRequest.prototype;
  const { getProperties } = prototype;
  prototype.getProperties = function (this: typeof prototype) {
    return getProperties.call(this) ?? NO_STATE;
  };
}
