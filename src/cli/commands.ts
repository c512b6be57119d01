import { adopt } from "./commands/adopt.ts";
import { demo } from "./commands/demo.ts";
import { destroy } from "./commands/destroy.ts";
import { doctor } from "./commands/doctor.ts";
import { env } from "./commands/env.ts";
import { localUp } from "./commands/local-up.ts";
import { outputs } from "./commands/outputs.ts";
import { preview } from "./commands/preview.ts";
import { refresh } from "./commands/refresh.ts";
import { up } from "./commands/up.ts";

/** Every command, in the order of the help. */
export const COMMANDS = [up, preview, refresh, destroy, adopt, outputs, env, doctor, localUp, demo] as const;
