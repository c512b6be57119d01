import type { Figures } from "./measure.ts";

const WIDTH = 760;
const LABEL = 230;
const ROW = 22;
const GAP = 34;
const TOP = 56;

/** Bars of the median read, one group a round trip, on a logarithmic scale from 1 µs on. */
export function chartOf(figures: readonly Figures[], caption: string): string {
  const trips = [...new Set(figures.map(({ roundTripMs }) => roundTripMs))];
  const most = Math.max(...figures.map(({ p50 }) => p50));
  const scale = (ms: number): number => {
    const share = Math.log10(Math.max(ms, 0.001) / 0.001) / Math.log10(most / 0.001);
    return Math.max(2, share * (WIDTH - LABEL - 90));
  };
  let y = TOP;
  const parts: string[] = [];
  for (const trip of trips) {
    parts.push(`<text x="12" y="${String(y)}" class="head">added round trip ${String(trip)} ms</text>`);
    y += 10;
    for (const { peer, p50 } of figures.filter(({ roundTripMs }) => roundTripMs === trip)) {
      const kind = peer.startsWith("kvshift") ? "ours" : "other";
      parts.push(
        `<text x="${String(LABEL - 8)}" y="${String(y + 15)}" class="name">${escaped(peer)}</text>`,
        `<rect x="${String(LABEL)}" y="${String(y + 3)}" width="${scale(p50).toFixed(1)}" height="${String(ROW - 6)}" class="${kind}"/>`,
        `<text x="${(LABEL + scale(p50) + 6).toFixed(1)}" y="${String(y + 15)}">${shown(p50)}</text>`,
      );
      y += ROW;
    }
    y += GAP;
  }
  const height = y + 4;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(height)}" role="img" aria-label="Median time of a read by client">`,
    "<style>text{font:12px system-ui,sans-serif;fill:#1f2933}.head{font-weight:600}.title{font-size:15px;font-weight:600}.name{text-anchor:end}.ours{fill:#e8590c}.other{fill:#868e96}.note{fill:#52606d;font-size:11px}</style>",
    `<rect width="${String(WIDTH)}" height="${String(height)}" fill="#fff"/>`,
    '<text x="12" y="24" class="title">Median time of a read, 300 bytes, 95 % reads (logarithmic)</text>',
    ...parts,
    `<text x="12" y="${String(height - 12)}" class="note">${escaped(caption)}</text>`,
    "</svg>",
    "",
  ].join("\n");
}

function shown(ms: number): string {
  return ms < 1 ? `${(ms * 1000).toFixed(0)} µs` : `${ms.toFixed(2)} ms`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
