/** A way to get a redis-server into a folder, without touching the system. */
export interface Installation {
  /** As people read it: `Debian's package`. */
  readonly source: string;
  /** Below the per-user cache folder. */
  readonly folder: string;
  /** Fills an empty folder. @throws StepFailed */
  fill(folder: string, env: Readonly<Record<string, string>>): Promise<void>;
  /** Where the program is in a filled folder. */
  command(folder: string): string;
  /** What its environment needs in addition. */
  env(folder: string): Promise<Readonly<Record<string, string>>>;
}
