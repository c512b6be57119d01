import { z } from "zod";

import { SLOT_STATES, SLOTS } from "../core/names.ts";
import { isCidr, isUtcDate, ROTATION_ID } from "./formats.ts";
import { noted } from "./key-notes.ts";

const date = (meaning: string, expected: string) => ({
  meaning,
  expected,
  example: '"2027-11-23T00:00:00Z"',
  fix: 'write the date in UTC, to the second and in quotes, like "2027-11-23T00:00:00Z"',
  quoted: true,
  fallback: "required unless the slot is empty",
});

const slot = (name: string) =>
  noted(
    z.strictObject({
      epoch: noted(z.int().min(0), {
        meaning: "Counts the secrets of the slot and never goes back; 0 before the first one.",
        expected: "a whole number, 0 or more (1 or more once the slot has held a secret)",
        example: "1",
      }),
      state: noted(z.enum(SLOT_STATES), {
        meaning:
          "`live`: its credential is valid and protected. `draining`: valid, no longer protected. `suspended`: refused but recognised, each refusal is counted; it can go back to draining. `empty`: none.",
        expected: "live, draining, suspended or empty",
        example: "live",
      }),
      mintedAt: noted(
        z.string().refine(isUtcDate),
        date("When the credential was minted.", "a date in UTC"),
      ).optional(),
      expiresAt: noted(
        z.string().refine((text) => text === "never" || isUtcDate(text)),
        date(
          "When the credential ends. `never` only outside production.",
          "a date in UTC, or never outside production",
        ),
      ).optional(),
    }),
    {
      meaning: `Slot ${name} of the role.`,
      expected: "a mapping with epoch and state",
      example: "{ epoch: 0, state: empty }",
    },
  );

/** One role of credentials: two slots, of which one is handed out. */
export const role = (meaning: string) =>
  noted(
    z.strictObject({
      active: noted(z.enum(SLOTS), {
        meaning: "The slot whose secret is handed out. It must be live.",
        expected: "a or b",
        example: "a",
      }),
      rotation: noted(z.string().regex(ROTATION_ID), {
        meaning: "Id of the rotation under way. Only with it may both slots be live.",
        expected: "1 to 64 letters, digits and dashes",
        example: "rotate-2027-10",
        fallback: "no rotation",
      }).optional(),
      allowedIps: noted(
        z
          .array(
            noted(z.string().refine(isCidr), {
              meaning: "One network.",
              expected: "a network with its prefix length, IPv4 or IPv6",
              example: "203.0.113.10/32",
              fix: "write the network in CIDR form; a single address ends in /32 (IPv4) or /128 (IPv6)",
            }),
          )
          .min(1),
        {
          meaning: "The networks from which the credential is accepted. Cloudflare enforces it, or the gateway.",
          expected: "a list of at least one network",
          example: "[203.0.113.10/32]",
          fallback: "required in production; elsewhere every address",
        },
      ).optional(),
      slots: noted(z.strictObject({ a: slot("a"), b: slot("b") }), {
        meaning: "Two slots, so that a new secret is live before the old one ends.",
        expected: "a mapping with both slots, a and b",
        example: "{ a: { epoch: 0, state: empty }, b: { epoch: 0, state: empty } }",
      }),
    }),
    { meaning, expected: "a mapping with active and slots", example: "{ active: a, slots: { a: …, b: … } }" },
  );
