import * as pulumi from "@pulumi/pulumi";

/** How the SDK marks a secret on its way to the engine: the key is fixed in its protocol. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Options of a resource that the mocks do not show. Inherited ones are not in here. */
type ObservedOptions = Pick<
  pulumi.CustomResourceOptions,
  "protect" | "retainOnDelete" | "additionalSecretOutputs" | "dependsOn" | "import"
>;

export interface RegisteredResource {
  readonly type: string;
  readonly name: string;
  /** Plain, with secrets unwrapped. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Inputs that hold a secret anywhere inside. */
  readonly secrets: readonly string[];
  /** What the program passed, outputs and all. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly options: ObservedOptions;
}

export interface ProgramRun<T> {
  readonly result: T;
  /** Custom resources and components by type and name: the order of registration is chance. */
  readonly resources: readonly RegisteredResource[];
}

export interface MockOptions {
  readonly project?: string;
  readonly stack?: string;
  /** Configuration as Pulumi keeps it: `kvshift:app`, values as text. */
  readonly config?: Readonly<Record<string, string>>;
  /** Answers of functions of providers, by token; any other function is an error. */
  readonly functions?: Readonly<Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>>;
  /** What a vendor adds to the inputs of a resource, by type. */
  readonly outputs?: Readonly<Record<string, (name: string) => Record<string, unknown>>>;
}

/**
 * Runs a program against the SDK's mocks and waits until every resource is registered.
 *
 * What mocks cannot tell, and what is done about it:
 * - an exception in a mock is an unhandled rejection beside a test that passes: it is kept and thrown at the end;
 * - a secret inside an input makes the whole input one on its way to a mock: `args` shows where the program marked it;
 * - `additionalSecretOutputs` is not applied: only what the program itself marks is seen as secret;
 * - options such as `protect` do not reach mocks: `build` hands `opts` to its outermost component, whose
 *   transformation looks at them (the newer `transforms` hang under mocks);
 * - parents, aliases and the order of deletion are not checked here: they are the engine's.
 */
export async function runWithMocks<T>(
  build: (opts: pulumi.ComponentResourceOptions) => T,
  options: MockOptions = {},
): Promise<ProgramRun<T>> {
  const { project = "kvshift", stack = "dev", config = {}, functions = {}, outputs = {} } = options;
  const resources: RegisteredResource[] = [];
  const observed = new Map<string, Pick<RegisteredResource, "options" | "args">>();
  const unexpected: string[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ token, inputs }) => {
        const answer = functions[token];
        if (!answer) unexpected.push(`the function ${token} was called`);
        return answer?.(inputs) ?? {};
      },
      newResource: ({ type, name, inputs }) => {
        resources.push({
          type,
          name,
          inputs: unwrapped(inputs) as Record<string, unknown>,
          secrets: Object.keys(inputs).filter((key) => isSecretValue(inputs[key])),
          ...(observed.get(`${type} ${name}`) ?? { options: {}, args: {} }),
        });
        return { id: `${name}-id`, state: { ...inputs, ...outputs[type]?.(name) } };
      },
    },
    project,
    stack,
  );
  pulumi.runtime.setAllConfig({ ...config });
  const observe: pulumi.ResourceTransformation = ({ type, name, opts, props }) => {
    const {
      protect,
      retainOnDelete,
      additionalSecretOutputs,
      dependsOn,
      import: imported,
    } = opts as pulumi.CustomResourceOptions;
    const set = Object.entries({ protect, retainOnDelete, additionalSecretOutputs, dependsOn, import: imported });
    const options = Object.fromEntries(set.filter(([, value]) => value !== undefined));
    observed.set(`${type} ${name}`, { options, args: props });
    return undefined;
  };
  const result = build({ transformations: [observe] });
  await pulumi.runtime.disconnect();
  if (unexpected.length > 0) throw new Error(unexpected.join("\n"));
  const identity = ({ type, name }: RegisteredResource) => `${type} ${name}`;
  return { result, resources: resources.toSorted((left, right) => (identity(left) < identity(right) ? -1 : 1)) };
}

export interface ResolvedOutput {
  readonly value: unknown;
  readonly secret: boolean;
}

/** The value of an output and whether it is secret as a whole. Call it after `runWithMocks` has returned. */
export async function resolved(input: pulumi.Input<unknown>): Promise<ResolvedOutput> {
  const output: pulumi.Output<unknown> = pulumi.output<unknown>(input);
  const value = await new Promise<unknown>((resolve) => {
    output.apply((known) => {
      resolve(known);
    });
  });
  return { value, secret: await pulumi.isSecret(output) };
}

function isSecretValue(value: unknown): value is { readonly value: unknown } {
  return isRecord(value) && value[SIGNATURE] === SECRET;
}

function unwrapped(value: unknown): unknown {
  if (isSecretValue(value)) return unwrapped(value.value);
  if (Array.isArray(value)) return value.map(unwrapped);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, nested]) => [key, unwrapped(nested)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
