/** Objects that exist at Cloudflare and are taken up in one run, instead of being created. */
export interface Adoption {
  /** Ids of namespaces, by the name in the program. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** Id of the gateway's Worker. */
  readonly worker?: string;
}

export const NO_ADOPTION: Adoption = { namespaces: {} };
