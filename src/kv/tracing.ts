/**
 * The part of a tracer of OpenTelemetry that is used; `trace.getTracer("my-app")` of @opentelemetry/api is one.
 * https://opentelemetry.io/docs/specs/otel/trace/api/
 */
export interface Tracer {
  startActiveSpan<Result>(
    name: string,
    options: { readonly kind?: number; readonly attributes?: Readonly<Record<string, string | number>> },
    work: (span: Span) => Result,
  ): Result;
}

export interface Span {
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  end(): void;
}

/** SpanKind.CLIENT and SpanStatusCode.ERROR of @opentelemetry/api. */
const CLIENT = 2;
const ERROR = 2;

/** What a call says of itself. Never a key: it may be a person's. https://opentelemetry.io/docs/specs/semconv/database/ */
export interface TracedCall {
  /** `get`, `put`, … */
  readonly operation: string;
  readonly host: string;
}

/** Does `work` within a span, where there is a tracer. `work` tells how often it was repeated. */
export async function traced<Result>(
  tracer: Tracer | undefined,
  { operation, host }: TracedCall,
  work: (onRepeat: (repeats: number) => void) => Promise<Result>,
): Promise<Result> {
  if (tracer === undefined) return work(() => undefined);
  const attributes = { "db.system.name": "cloudflare.kv", "db.operation.name": operation, "server.address": host };
  return tracer.startActiveSpan(`kv ${operation}`, { kind: CLIENT, attributes }, async (span) => {
    try {
      return await work((repeats) => span.setAttribute("http.request.resend_count", repeats));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
      span.setAttribute("error.type", code);
      span.setStatus({ code: ERROR, message: code });
      throw error;
    } finally {
      span.end();
    }
  });
}
