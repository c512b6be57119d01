import { isIP } from "node:net";

import { z } from "zod";

import type { Answer } from "../../vendors/vendor-api.ts";

const errorsSchema = z.object({ errors: z.array(z.object({ code: z.number(), message: z.string() })) });

const verificationSchema = z.object({
  result: z.object({
    id: z.string(),
    /** `active`, `disabled`, `expired`; Cloudflare knows more than it documents. */
    status: z.string(),
    not_before: z.string().optional(),
    expires_on: z.string().optional(),
  }),
});
export type Verification = z.infer<typeof verificationSchema>["result"];

const tokenSchema = z.object({
  result: z.object({
    policies: z.array(
      z.object({ effect: z.string(), permission_groups: z.array(z.object({ name: z.string().optional() })) }),
    ),
  }),
});

const subdomainSchema = z.object({ result: z.object({ subdomain: z.string() }) });

/** "Cannot use the access token from location: 203.0.113.7". Other refusals share its code 9109. */
const WRONG_LOCATION = /from location:?\s*(\S+)/i;

/** The address that an IP condition refused, `"this address"` where it is not named, or `undefined`. */
export function refusedAddress({ json }: Answer): string | undefined {
  const { data } = errorsSchema.safeParse(json);
  const refusal = data?.errors.map(({ message }) => WRONG_LOCATION.exec(message)).find((match) => match !== null);
  if (!refusal) return undefined;
  const address = refusal[1] ?? "";
  return isIP(address) === 0 ? "this address" : address;
}

/** https://developers.cloudflare.com/api/resources/accounts/subresources/tokens/methods/verify/ */
export function verificationOf({ status, json }: Answer): Verification | undefined {
  return status === 200 ? verificationSchema.safeParse(json).data?.result : undefined;
}

/** https://developers.cloudflare.com/api/resources/workers/subresources/subdomains/methods/get/ */
export function subdomainOf({ status, json }: Answer): string | undefined {
  return status === 200 ? subdomainSchema.safeParse(json).data?.result.subdomain : undefined;
}

/** Names of the permission groups that a token is allowed, `undefined` where it cannot be read. */
export function allowedGroups({ status, json }: Answer): ReadonlySet<string> | undefined {
  const { data } = tokenSchema.safeParse(json);
  if (status !== 200 || !data) return undefined;
  const allowing = data.result.policies.filter(({ effect }) => effect === "allow");
  return new Set(allowing.flatMap((policy) => policy.permission_groups.flatMap(({ name }) => name ?? [])));
}
