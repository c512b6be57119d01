import { isProperties, listOf, type Properties, text } from "../plain.ts";
import { fromApi } from "../property-names.ts";
import type { InvokedFunction } from "../provider.ts";
import { type CloudflareApi, segment } from "./api.ts";

const MAX_ITEMS_DEFAULT = 1000;

/** `getAccountApiTokenPermissionGroupsList`: called in previews too. */
export function permissionGroupsList({ call }: CloudflareApi): InvokedFunction {
  return async (args) => {
    const filters = ["name", "scope"].filter((name) => args[name] !== undefined);
    const query = new URLSearchParams(filters.map((name) => [name, text(args, name)])).toString();
    const path = `/accounts/${segment(text(args, "accountId"))}/tokens/permission_groups`;
    const result = await call("GET", query === "" ? path : `${path}?${query}`);
    const maxItems = typeof args["maxItems"] === "number" ? args["maxItems"] : MAX_ITEMS_DEFAULT;
    const groups: readonly Properties[] = listOf(result).filter(isProperties).map(fromApi);
    return { ...args, results: groups.slice(0, maxItems) };
  };
}
