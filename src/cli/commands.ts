import { adopt } from "./commands/adopt.ts";
import { auditExport, auditReconcile, auditShow, auditTimeline, auditVerify } from "./commands/audit.ts";
import { demo } from "./commands/demo.ts";
import { destroy } from "./commands/destroy.ts";
import { doctor } from "./commands/doctor.ts";
import { env } from "./commands/env.ts";
import { init } from "./commands/init.ts";
import { localUp } from "./commands/local-up.ts";
import { outputs } from "./commands/outputs.ts";
import { policyCheck } from "./commands/policy-check.ts";
import { prDown, prList, prStatus, prSweep, prUp } from "./commands/pr.ts";
import { preview } from "./commands/preview.ts";
import { refresh } from "./commands/refresh.ts";
import { rotateAbort, rotateApply, rotatePlan, rotateStatus } from "./commands/rotate.ts";
import { secretSet } from "./commands/secret-set.ts";
import { status } from "./commands/status.ts";
import { up } from "./commands/up.ts";

/** Every command, in the order of the help. */
export const COMMANDS = [
  init,
  up,
  preview,
  refresh,
  destroy,
  adopt,
  status,
  outputs,
  env,
  policyCheck,
  secretSet,
  rotatePlan,
  rotateApply,
  rotateStatus,
  rotateAbort,
  auditShow,
  auditVerify,
  auditExport,
  auditReconcile,
  auditTimeline,
  prUp,
  prDown,
  prList,
  prStatus,
  prSweep,
  doctor,
  localUp,
  demo,
] as const;
