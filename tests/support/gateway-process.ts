// The gateway in workerd on a folder, as a process that a test can kill. Usage: node gateway-process.ts <folder>
import { GATEWAY_CONFIG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";

const { url } = await startGatewayInWorkerd({ config: GATEWAY_CONFIG, folder: process.argv[2] ?? "" });
process.stdout.write(`${url}\n`);
