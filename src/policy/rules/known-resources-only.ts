import { COMPONENT_TYPES, kindName, RESOURCE_TYPES, STACK_TYPE } from "../../stack/types.ts";
import { type PropertyValue, UNKNOWN } from "../../state/properties.ts";
import { type PolicyRule, resourcesOfType, type StackResource, type StackView, type Violation } from "../model.ts";

const KNOWN_TYPES: ReadonlySet<string> = new Set([
  STACK_TYPE,
  ...Object.values(COMPONENT_TYPES),
  ...Object.values(RESOURCE_TYPES),
]);
/** Of the packages that the types above are of. */
const PROVIDER = /^pulumi:providers:(?:cloudflare|random|render)$/;
const AT_CLOUDFLARE = ["namespace", "worker", "workerVersion", "customDomain"] as const;

export const rule: PolicyRule = {
  name: "known-resources-only",
  level: "mandatory",
  description:
    "The stack holds resources of the types that rules judge and no other; what it makes at Cloudflare is in the environment's own account; there is one Worker with one version, which is of that Worker, as host names are.",
  reason:
    "Rules judge what they know: a token of another type, a script or a second Worker would reach what it likes, with every rule holding.",
  fix: "Keep it in a stack of its own. For a type that an environment is to have: name it in src/stack/types.ts, and write the rule that judges it.",
  check: (stack) => [
    ...stack.resources.filter(({ type }) => !KNOWN_TYPES.has(type) && !PROVIDER.test(type)).map(unknownType),
    ...AT_CLOUDFLARE.flatMap((type) => resourcesOfType(stack, type)).flatMap((resource) =>
      checkAccount(resource, stack),
    ),
    ...(["worker", "workerVersion"] as const).flatMap((type) => resourcesOfType(stack, type).slice(1).map(another)),
    ...resourcesOfType(stack, "workerVersion").flatMap((version) => checkWorker(version, stack)),
    ...resourcesOfType(stack, "customDomain").flatMap((domain) => checkService(domain, stack)),
  ],
};

function unknownType({ type, name, urn }: StackResource): Violation {
  return { message: `${name}: no rule judges resources of type ${type}.`, urn };
}

function another({ type, name, urn }: StackResource): Violation {
  return { message: `${name}: the stack has another ${kindName(type)} already.`, urn };
}

function checkAccount({ type, name, urn, props }: StackResource, { environment }: StackView): readonly Violation[] {
  if (props["accountId"] === environment.accountId) return [];
  return [{ message: `${kindName(type)} ${name}: accountId is not the environment's account.`, urn }];
}

/** The engine shows rules no ids of resources: the component of the gateway registers that of its Worker. */
function checkWorker(
  { name, urn, props, propertyDependencies }: StackResource,
  stack: StackView,
): readonly Violation[] {
  const { workerId } = props;
  const [worker] = resourcesOfType(stack, "worker");
  const gateway = stack.resources.find(({ type }) => type === COMPONENT_TYPES.gateway);
  const own: PropertyValue | undefined = gateway?.props["workerId"];
  const isOwn =
    worker !== undefined &&
    (propertyDependencies["workerId"] ?? []).includes(worker.urn) &&
    (workerId === UNKNOWN || own === undefined || own === UNKNOWN || workerId === own);
  return isOwn ? [] : [{ message: `Worker version ${name}: workerId is not that of the stack's Worker.`, urn }];
}

function checkService(
  { name, urn, props, propertyDependencies }: StackResource,
  stack: StackView,
): readonly Violation[] {
  const [worker] = resourcesOfType(stack, "worker");
  const { service } = props;
  const isTaken = worker !== undefined && (propertyDependencies["service"] ?? []).includes(worker.urn);
  if (isTaken && (service === UNKNOWN || service === worker.props["name"])) return [];
  return [{ message: `Host name ${name}: service is not the name of the stack's Worker.`, urn }];
}
