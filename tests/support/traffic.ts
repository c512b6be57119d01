import { isSoak } from "./campaign.ts";
import { ownConnection } from "./own-connection.ts";

/** Requests to services, one after the other at each, without any retry: what fails is counted. */
export interface Traffic {
  readonly answered: number;
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

const MAX_FAILURES = 20;
/** Between two requests. Fifty a second at each service take as much of a machine as the rotation that they watch. */
const PAUSE_MS = isSoak ? 20 : 100;

/** Starts constant traffic at `urls`; each is asked for a page that reads KV, and writes it now and then. */
export function startTraffic(urls: readonly string[], pauseMs = PAUSE_MS): Traffic {
  const failures: string[] = [];
  let answered = 0;
  let failed = 0;
  const stopping = new AbortController();
  const loops = urls.map(async (url) => {
    while (!stopping.signal.aborted) {
      try {
        const answer = await ownConnection(`${url}/greeting`);
        const text = await answer.text();
        if (answer.ok) answered += 1;
        else failures.push(`${String(answer.status)} ${text}`);
      } catch (error) {
        failures.push(String(error instanceof Error ? (error.cause ?? error) : error));
      }
      if (failures.length > MAX_FAILURES) failed += failures.splice(MAX_FAILURES).length;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  });
  return {
    get answered() {
      return answered;
    },
    get failures() {
      return failed === 0 ? failures : [...failures, `and ${String(failed)} more`];
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
