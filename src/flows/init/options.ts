import type { Access, EnvironmentKind, Phase } from "../../core/names.ts";

/** What the flags of `init` say. */
export interface InitOptions {
  readonly stack: string;
  readonly kind?: EnvironmentKind;
  readonly app?: string;
  readonly account?: string;
  readonly workspace?: string;
  readonly service?: readonly string[];
  readonly renderEnvironment?: string;
  readonly namespace?: readonly string[];
  readonly phase?: Phase;
  readonly upstashUrl?: string;
  readonly access?: Access;
  readonly workersSubdomain?: string;
  readonly hostname?: string;
  readonly zone?: string;
  readonly allowedIp?: readonly string[];
  readonly operatorIp?: readonly string[];
  readonly expiresIn?: string;
  readonly dryRun?: boolean;
}
