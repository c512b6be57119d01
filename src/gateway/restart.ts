/**
 * A new version of the Worker restarts its Durable Objects, and calls that run there fail. Such a call is made once
 * more. One that failed because the object has too much to do is not: that would only add to it.
 * https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 */
export async function callAgainAfterRestart<T>(call: (isRepeat: boolean) => Promise<T>): Promise<T> {
  try {
    return await call(false);
  } catch (error) {
    if (!isRestart(error)) throw error;
    return call(true);
  }
}

function isRestart(error: unknown): boolean {
  return !says(error, "overloaded") && (says(error, "retryable") || says(error, "durableObjectReset"));
}

function says(error: unknown, property: string): boolean {
  return error instanceof Error && Reflect.get(error, property) === true;
}
