import type { AuditTrail } from "../../audit/trail.ts";
import { timeScale } from "../../config/time-scale.ts";
import { AppError } from "../../core/app-error.ts";
import { pause, type RunContext } from "../../core/run-context.ts";
import { readRecordedObjects } from "../../state/objects.ts";
import type { OpenEnvironment } from "../environment/open-environment.ts";
import { kvAsOperator } from "../environment/open-kv.ts";
import { waiting } from "../environment/wait.ts";
import { type PreviewFacts, tagsOf } from "./facts.ts";
import type { Fixture } from "./fixture.ts";

/** Fills the namespaces, as the operator, unless they hold this fixture already. */
export async function seed(
  environment: OpenEnvironment,
  facts: PreviewFacts,
  fixture: Fixture | undefined,
  run: RunContext,
  { trail, details }: { readonly trail: AuditTrail; readonly details: object },
): Promise<{ readonly seeded?: number }> {
  if (fixture === undefined || fixture.sha256 === facts.seed) return {};
  const { session } = environment;
  const { namespaces } = readRecordedObjects(await session.exportState());
  const idOf = (name: string): string => namespaces.find((namespace) => namespace.name === name)?.id ?? "";
  const count = [...fixture.pairs.values()].reduce((sum, pairs) => sum + pairs.length, 0);
  const kv = await kvAsOperator(environment, run);
  if (kv === undefined)
    throw new AppError("BUG", { problem: "The preview has no operator's credential.", fix: "Report it." });
  const wait = waiting({ clock: run.clock, signal: run.signal, scale: timeScale(run.env), sleep: pause });
  const recorded = { ...details, fixture: fixture.name, sha256: fixture.sha256, pairs: count };
  await trail.around(
    { flow: "pr up", step: "seed", details: recorded },
    async () => {
      // A new version of the gateway may take a moment to know its credentials.
      await wait.until(
        () => kv.verify(),
        (status) => status === 200,
        KNOWN_WITHIN_MS,
        LOOK_MS,
      );
      for (const [name, pairs] of fixture.pairs) await kv.write(idOf(name), pairs);
    },
    () => ({}),
  );
  await session.setTags(tagsOf({ ...facts, seed: fixture.sha256 }));
  return { seeded: count };
}

const KNOWN_WITHIN_MS = 60_000;
const LOOK_MS = 2000;
