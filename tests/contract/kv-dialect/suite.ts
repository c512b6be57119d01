import { afterAll, beforeAll, describe } from "vitest";

import { describeBulk } from "./bulk.ts";
import { DialectClient } from "./client.ts";
import type { KvDialect, KvDialectOnVirtualClock } from "./dialect.ts";
import { describeEnds } from "./ends.ts";
import { describeExpiry } from "./expiry.ts";
import { describeForms } from "./forms.ts";
import { describeLists } from "./lists.ts";
import { describeMetadata } from "./metadata.ts";
import { describeNamespaces } from "./namespaces.ts";
import { describeValues } from "./values.ts";

/** What every implementation has to hold, whatever its clock. */
const EVERYWHERE = [
  describeValues,
  describeMetadata,
  describeExpiry,
  describeLists,
  describeBulk,
  describeForms,
  describeNamespaces,
] as const;

/** The suite for an implementation, each of `name`, that goes by the machine's clock. */
export function describeKvDialect(name: string, open: () => Promise<KvDialect>): void {
  describeParts(name, open, EVERYWHERE);
}

/** The suite with what only a clock that can be moved shows without waiting for it. */
export function describeKvDialectOnVirtualClock(name: string, open: () => Promise<KvDialectOnVirtualClock>): void {
  describeParts(name, open, [
    ...EVERYWHERE,
    (client, opened) => {
      describeEnds(client, (milliseconds) => {
        opened().advance(milliseconds);
      });
    },
  ]);
}

function describeParts<D extends KvDialect>(
  name: string,
  open: () => Promise<D>,
  parts: readonly ((client: DialectClient, opened: () => D) => void)[],
): void {
  describe(`the KV dialect of ${name}`, () => {
    let dialect: D;
    beforeAll(async () => {
      dialect = await open();
    });
    afterAll(() => dialect[Symbol.asyncDispose]());

    const opened = () => dialect;
    const client = new DialectClient(opened);
    for (const part of parts) part(client, opened);
  });
}
