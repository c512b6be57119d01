/** What the emulator hands to its routes with each request. */
export interface RenderBindings {
  Bindings: {
    /** Parsed JSON, `undefined` where there was no body. */
    readonly body: unknown;
  };
}
