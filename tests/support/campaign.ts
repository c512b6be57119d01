const SOAK_FACTOR = 20;

/** Whether this is `npm run test:soak`: the long form of every campaign. */
export const isSoak = process.env["KVSHIFT_SOAK"] !== undefined;

/** How many cases a campaign tries: `short` in `npm test`, twenty times as many in `npm run test:soak`. */
export function campaign(short: number): number {
  return isSoak ? short * SOAK_FACTOR : short;
}
