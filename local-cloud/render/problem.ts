import type { ContentfulStatusCode } from "hono/utils/http-status";

/** A refusal in the form of Render's API: a status and `message`, which every 4xx carries. */
export class RenderProblem extends Error {
  override readonly name = "RenderProblem";
  readonly status: ContentfulStatusCode;

  constructor(status: ContentfulStatusCode, message: string) {
    super(message);
    this.status = status;
  }
}

export function badRequest(message: string): RenderProblem {
  return new RenderProblem(400, message);
}

export function notFound(what: string): RenderProblem {
  return new RenderProblem(404, `${what} not found`);
}
