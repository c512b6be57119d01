import { isEveryAddress } from "../config/formats.ts";
import { isPropertyList, type PropertyValue } from "../state/properties.ts";

/** Whether a list names networks, and none that holds every address. */
export function areNarrowNetworks(networks: PropertyValue | undefined): boolean {
  return isPropertyList(networks) && networks.length > 0 && networks.every(isNarrow);
}

function isNarrow(network: PropertyValue): boolean {
  return typeof network === "string" && network !== "" && !isEveryAddress(network);
}
