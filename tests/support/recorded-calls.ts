/** One HTTP call to a vendor, recorded or observed. */
export interface Call {
  readonly vendor: string;
  readonly method: string;
  readonly path: string;
  readonly request: unknown;
  readonly status: number;
  readonly response: unknown;
}

/** A call in a form that can be compared: the order of environment variables in a body means nothing. */
export interface ComparableCall {
  readonly call: string;
  readonly request: unknown;
  readonly status: number;
  /** Keys and JSON types of the answer. */
  readonly answer: unknown;
}

/** Which observed id or secret stands for which recorded one: one to one, learnt from answers of creates. */
export class IdMap {
  readonly #recordedByObserved = new Map<string, string>();

  /**
   * Learns from one step: every recorded create is found among the observed ones, in recorded order, because the path
   * or body of a later create can hold the id of an earlier one.
   */
  learn(recorded: readonly Call[], observed: readonly Call[]): void {
    const open = observed.filter(isCreate);
    for (const call of recorded.filter(isCreate)) {
      const wanted = identity(call);
      const index = open.findIndex((candidate) => identity(this.translate(candidate)) === wanted);
      const [found] = index === -1 ? [] : open.splice(index, 1);
      if (!found) throw new Error(`no call was made like ${wanted}`);
      const ids = idsOf(call.response);
      idsOf(found.response).forEach((id, position) => {
        this.#bind(id, ids[position]);
      });
    }
  }

  /** An observed call in the ids of the recording. */
  translate(call: Call): Call {
    const { path, request, response } = call;
    return {
      ...call,
      path: this.#replace(path),
      request: mapTexts(request, (text) => this.#replace(text)),
      response: mapTexts(response, (text) => this.#replace(text)),
    };
  }

  #replace(text: string): string {
    // A secret may hold the id of its token: the longer text first.
    const longestFirst = [...this.#recordedByObserved].toSorted(([left], [right]) => right.length - left.length);
    return longestFirst.reduce((replaced, [observed, recorded]) => replaced.replaceAll(observed, recorded), text);
  }

  #bind(observed: string, recorded: string | undefined): void {
    if (recorded === undefined) throw new Error("an answer holds more ids than the recorded one");
    const known = this.#recordedByObserved.get(observed);
    const isTaken = known === undefined && [...this.#recordedByObserved.values()].includes(recorded);
    if (isTaken || (known !== undefined && known !== recorded)) throw new Error(`two objects share the id ${recorded}`);
    this.#recordedByObserved.set(observed, recorded);
  }
}

/**
 * Calls by the object that they are about, in order. The order between objects is free, and so is that of the PUTs
 * of environment variables in one update.
 */
export function bySubject(calls: readonly Call[]): Record<string, readonly ComparableCall[]> {
  const subjects = Map.groupBy(calls, subjectOf);
  return Object.fromEntries([...subjects].map(([subject, own]) => [subject, sortVariablePuts(own).map(comparable)]));
}

function subjectOf({ vendor, method, path, response }: Call): string {
  const created = method === "POST" ? idsOf(response)[0] : undefined;
  if (vendor === "render") return `render ${/\/env-groups\/([^/?]+)/.exec(path)?.[1] ?? created ?? path}`;
  return [`cloudflare ${path.split("?")[0] ?? path}`, ...(created === undefined ? [] : [created])].join("/");
}

function comparable({ vendor, method, path, request, status, response }: Call): ComparableCall {
  return {
    call: `${vendor} ${method} ${path}`,
    request: withSortedVariables(request),
    status,
    answer: formOf(response),
  };
}

function isCreate({ method, path }: Call): boolean {
  return method === "POST" && !/\/env-groups\/[^/]+\/services\//.test(path);
}

function identity({ vendor, method, path, request }: Call): string {
  return `${vendor} ${method} ${path} ${JSON.stringify(sortedKeys(withSortedVariables(request)))}`;
}

/** Ids and the secret that an answer of a create brings into the world, the object's own first. */
export function idsOf(response: unknown): readonly string[] {
  const object = asRecord(asRecord(response)["result"] ?? response);
  const policies = Array.isArray(object["policies"]) ? object["policies"].map((policy) => asRecord(policy)["id"]) : [];
  return [object["id"], object["value"], ...policies].filter((id) => typeof id === "string");
}

function sortVariablePuts(calls: readonly Call[]): readonly Call[] {
  const sorted: Call[] = [];
  let run: Call[] = [];
  const endRun = (): void => {
    sorted.push(...run.toSorted((left, right) => left.path.localeCompare(right.path)));
    run = [];
  };
  for (const call of calls) {
    if (call.method === "PUT" && call.path.includes("/env-vars/")) run.push(call);
    else {
      endRun();
      sorted.push(call);
    }
  }
  endRun();
  return sorted;
}

function withSortedVariables(request: unknown): unknown {
  const variables = asRecord(request)["envVars"];
  if (!Array.isArray(variables)) return request;
  const byText = variables.toSorted((left, right) => JSON.stringify(left).localeCompare(JSON.stringify(right)));
  return { ...asRecord(request), envVars: byText };
}

/** Keys and JSON types; of a list, the forms of its elements. */
function formOf(value: unknown): unknown {
  if (value === null) return "null";
  if (Array.isArray(value)) return [...new Set(value.map((element) => JSON.stringify(formOf(element))))].toSorted();
  if (typeof value !== "object") return typeof value;
  return sortedKeys(Object.fromEntries(Object.entries(value).map(([key, nested]) => [key, formOf(nested)])));
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([left], [right]) => left.localeCompare(right));
  return Object.fromEntries(entries.map(([key, nested]) => [key, sortedKeys(nested)]));
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((element) => mapTexts(element, change));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, nested]) => [key, mapTexts(nested, change)]));
}

function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
