/** The module that the Workers runtime provides: https://developers.cloudflare.com/durable-objects/api/base/ */
declare module "cloudflare:workers" {
  export class DurableObject {
    constructor(state: unknown, env: unknown);
    alarm?(): Promise<void>;
  }
}
