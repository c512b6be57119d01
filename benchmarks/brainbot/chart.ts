import type { Figures } from "./measure.ts";
import type { Kind } from "./person.ts";

const WIDTH = 760;
const LABEL = 200;
const ROW = 26;
const GAP = 30;
const TOP = 62;
const CHARTED: readonly Kind[] = ["cached read", "signed-in read"];
const NAMES = { before: "Upstash Redis", after: "Cloudflare KV" } as const;

/** Bars of the median, with a line to the 99th percentile; one group a round trip; logarithmic from 0.1 ms on. */
export function chartOf(figures: readonly Figures[], caption: string): string {
  const trips = [...new Set(figures.map(({ roundTripMs }) => roundTripMs))];
  const most = Math.max(...figures.flatMap(({ kinds }) => CHARTED.map((kind) => kinds[kind].p99)), 1);
  const scale = (ms: number): number => {
    const share = Math.log10(Math.max(ms, 0.1) / 0.1) / Math.log10(most / 0.1);
    return Math.max(2, share * (WIDTH - LABEL - 130));
  };
  let y = TOP;
  const parts: string[] = [];
  for (const trip of trips) {
    parts.push(`<text x="12" y="${String(y)}" class="head">added round trip ${String(trip)} ms</text>`);
    y += 8;
    for (const kind of CHARTED) {
      for (const { side, kinds } of figures.filter(({ roundTripMs }) => roundTripMs === trip)) {
        const { p50, p99 } = kinds[kind];
        const middle = y + ROW / 2;
        const end = LABEL + scale(p99);
        parts.push(
          `<text x="${String(LABEL - 8)}" y="${String(middle + 4)}" class="name">${kind}, ${NAMES[side]}</text>`,
          `<rect x="${String(LABEL)}" y="${String(y + 5)}" width="${scale(p50).toFixed(1)}" height="${String(ROW - 10)}" class="${side}"/>`,
          `<line x1="${(LABEL + scale(p50)).toFixed(1)}" x2="${end.toFixed(1)}" y1="${String(middle)}" y2="${String(middle)}"/>`,
          `<text x="${(end + 6).toFixed(1)}" y="${String(middle + 4)}">${p50.toFixed(1)} · p99 ${p99.toFixed(1)} ms</text>`,
        );
        y += ROW;
      }
    }
    y += GAP;
  }
  const height = y + 4;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(height)}" role="img" aria-label="Times of brainbot before and after the migration">`,
    "<style>text{font:12px system-ui,sans-serif;fill:#1f2933}.head{font-weight:600}.title{font-size:15px;font-weight:600}.name{text-anchor:end}.after{fill:#e8590c}.before{fill:#868e96}line{stroke:#52606d;stroke-width:2}.note{fill:#52606d;font-size:11px}</style>",
    `<rect width="${String(WIDTH)}" height="${String(height)}" fill="#fff"/>`,
    '<text x="12" y="24" class="title">brainbot before and after: median, and a line to p99 (logarithmic)</text>',
    ...parts,
    `<text x="12" y="${String(height - 12)}" class="note">${caption.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`,
    "</svg>",
    "",
  ].join("\n");
}
