import { z } from "zod";

import { TOKEN_LIMITS } from "../../src/core/limits.ts";
import { parseCidr } from "./ip-condition.ts";
import { accountResource, isAccountGroup, permissionGroup } from "./permission-groups.ts";

const UTC_SECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

const cidrs = z.array(z.string().refine((text) => parseCidr(text) !== undefined, "is not a CIDR range")).optional();

const time = z
  .string()
  .refine(
    (text) => UTC_SECONDS.test(text) && isCalendarTime(text),
    "is not a time in UTC with seconds, like 2030-01-31T00:00:00Z",
  )
  .optional();

const permissionGroups = z
  .array(
    z.object({ id: z.string() }).superRefine(({ id }, context) => {
      const group = permissionGroup(id);
      if (group === undefined) context.addIssue({ code: "custom", message: `permission group ${id} does not exist` });
      else if (!isAccountGroup(group)) {
        context.addIssue({ code: "custom", message: `permission group ${id} does not apply to an account` });
      }
    }),
  )
  .min(1)
  // The API answers sorted by id whatever the order was: the cause of perpetual differences in providers.
  .transform((groups) => groups.map(({ id }) => ({ id })).toSorted((a, b) => (a.id < b.id ? -1 : 1)));

/**
 * The body of a create or an update of a token of `accountId`. `now`: milliseconds since the epoch.
 * https://developers.cloudflare.com/api/resources/accounts/subresources/tokens/methods/create/
 */
export function tokenSettingsSchema(accountId: string, now: number) {
  const policy = z.object({
    effect: z.enum(["allow", "deny"]),
    permission_groups: permissionGroups,
    // An object, not a JSON string; a token of an account can reach no other account.
    resources: z.strictObject({ [accountResource(accountId)]: z.literal("*") }),
  });
  return z
    .object({
      name: z.string().trim().min(1).max(TOKEN_LIMITS.MAX_NAME_CHARACTERS),
      policies: z.array(policy).min(1),
      condition: z.strictObject({ request_ip: z.strictObject({ in: cidrs, not_in: cidrs }).optional() }).optional(),
      not_before: time,
      expires_on: time.refine((text) => text === undefined || Date.parse(text) > now, "is in the past"),
      status: z.enum(["active", "disabled", "expired"]).optional(),
    })
    .refine(
      ({ not_before: from, expires_on: to }) =>
        from === undefined || to === undefined || Date.parse(from) < Date.parse(to),
      { path: ["not_before"], message: "is not before expires_on" },
    );
}

/** `Date.parse` takes the 31st of February for the 3rd of March. */
function isCalendarTime(text: string): boolean {
  const milliseconds = Date.parse(text);
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().slice(0, 19) === text.slice(0, 19);
}
