/** What a deploy hands over: the variables as they were when it started. */
export interface LaunchRequest {
  readonly serviceId: string;
  readonly deployId: string;
  /** The effective variables: those of the service over those of its groups. */
  readonly env: Readonly<Record<string, string>>;
  /** Aborted when the deploy is cancelled: the new instance must then never receive traffic. */
  readonly signal: AbortSignal;
}

export interface RunningInstance {
  /** Ends the instance, gracefully first. May be called again. */
  readonly stop: () => Promise<void>;
  /** The exit code, `null` after a signal. */
  readonly exited: Promise<number | null>;
}

/** How a deploy becomes a running process. */
export interface ServiceLauncher {
  /** Resolves when the new instance is healthy and receives all new connections; rejects when it never was. */
  launch(request: LaunchRequest): Promise<RunningInstance>;
  /** Makes room for a service that was not there from the start. */
  open?(service: { readonly id: string; readonly name: string }): Promise<void>;
  /** Where the service answers on this machine, where it does. */
  urlOf?(serviceId: string): string | undefined;
}
