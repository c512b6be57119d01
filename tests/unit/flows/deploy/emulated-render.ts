import type { RenderEmulatorOptions } from "../../../../local-cloud/render/emulator.ts";
import type { ProgressEvent } from "../../../../src/core/events.ts";
import { deployStale, type DeployReport, type DeployStaleOptions } from "../../../../src/flows/deploy/deploy-stale.ts";
import { judgeService, type ServiceStatus } from "../../../../src/flows/status/judge-service.ts";
import { observeServices } from "../../../../src/flows/status/observe-services.ts";
import { createRender, type Render } from "../../../../src/vendors/render.ts";
import { vendorApi } from "../../../../src/vendors/vendor-api.ts";
import { OWNER, settled, startTestEmulator, type TestEmulator } from "../../local-cloud/render/test-emulator.ts";

export interface EmulatedRender extends TestEmulator {
  readonly render: Render;
  readonly events: ProgressEvent[];
  /** Lengths of the pauses between two looks, in milliseconds. */
  readonly pauses: number[];
  readonly interrupt: AbortController;
  /** Called in each pause, with its number from 1. */
  onPause(act: (pause: number) => Promise<void> | void): void;
  /** The services as they are now; `changedAt` in milliseconds. */
  judged(changedAt?: number): Promise<ServiceStatus[]>;
  run(options?: Partial<DeployStaleOptions>): Promise<DeployReport>;
}

/** Render's client against the emulator, on a clock that only pauses move. */
export function emulateRender(options: Partial<RenderEmulatorOptions> = {}): EmulatedRender {
  const bed = startTestEmulator(options);
  const { emulator, clock } = bed;
  const interrupt = new AbortController();
  const sleep = async (milliseconds: number): Promise<void> => {
    clock.advance(milliseconds);
    await settled();
  };
  const render = createRender(
    vendorApi({
      base: "http://render.test/v1",
      key: emulator.apiKey,
      fetch: (url, init) => emulator.fetch(new Request(url, init)),
      sleep,
      signal: interrupt.signal,
    }),
  );
  const changedAt = clock.now();
  const pauses: number[] = [];
  const events: ProgressEvent[] = [];
  let act: (pause: number) => Promise<void> | void = () => undefined;
  const judged = async (at = changedAt): Promise<ServiceStatus[]> => {
    const services = await observeServices(render, OWNER, ["srv-1", "srv-2"]);
    return services.map((service) => judgeService(service, at));
  };
  // What is created from now on is newer than the change.
  clock.advance(1_000);
  return {
    ...bed,
    render,
    events,
    pauses,
    interrupt,
    judged,
    onPause: (next) => {
      act = next;
    },
    run: async (more = {}) =>
      deployStale({
        vendors: { render },
        services: await judged(),
        clock,
        sleep: async (milliseconds, signal) => {
          pauses.push(milliseconds);
          await act(pauses.length);
          signal.throwIfAborted();
          await sleep(milliseconds);
        },
        emit: (event) => {
          events.push(event);
        },
        signal: interrupt.signal,
        ...more,
      }),
  };
}
