import { AppError } from "../../core/app-error.ts";
import type { Wait } from "../environment/wait.ts";
import type { PreviewService } from "./find-services.ts";

export type Ask = (url: string, init: RequestInit) => Promise<Pick<Response, "status" | "body">>;

/** Render's router may take a moment to know a new instance. */
const KNOWN_WITHIN_MS = 60_000;
const LOOK_MS = 2000;
const PATIENCE_MS = 10_000;
const SERVER_ERROR = 500;

/**
 * Waits until each service of a preview answers at its address, whatever it answers but an error of the server. Private
 * services and workers have no address, and are not asked.
 *
 * @throws AppError PREVIEW_NOT_READY naming each that does not
 */
export async function requireAnswers(
  stack: string,
  services: readonly PreviewService[],
  ask: Ask,
  wait: Wait,
): Promise<void> {
  const seen = await Promise.all(
    services.map(async ({ name, url }) => {
      if (url === undefined) return [];
      const answer = await wait.until(() => answerOf(url, ask), isGood, KNOWN_WITHIN_MS, LOOK_MS);
      return isGood(answer) ? [] : [`${name} at ${url} ${answer.what}`];
    }),
  );
  const details = seen.flat();
  if (details.length === 0) return;
  throw new AppError("PREVIEW_NOT_READY", {
    problem: `${stack} is deployed, but not every service of it answers.`,
    details,
    fix: "Read the service's log in Render's dashboard; what the application needs at its start may be missing.",
    retryable: true,
  });
}

interface Answer {
  readonly status: number | undefined;
  readonly what: string;
}

const isGood = ({ status }: Answer): boolean => status !== undefined && status < SERVER_ERROR;

async function answerOf(url: string, ask: Ask): Promise<Answer> {
  try {
    const { status, body } = await ask(url, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
    await body?.cancel();
    return { status, what: `answers with HTTP ${String(status)}` };
  } catch {
    return { status: undefined, what: "does not answer" };
  }
}
