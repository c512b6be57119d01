import type { Timeline } from "./timeline.ts";

const WIDTH = 960;
const LEFT = 210;
const RIGHT = 40;
const TOP = 64;
const LANE = 34;
const BAR = 16;
const TICKS = 6;

/** Colours of both schemes; each state also differs by its pattern of dashes, for who sees no colours. */
const STYLE = `
  svg { font: 12px ui-sans-serif, system-ui, sans-serif; }
  .back { fill: #ffffff; } .text { fill: #1b1f24; } .dim { fill: #57606a; } .line { stroke: #d0d7de; }
  .live { fill: #9ecbff; } .handed-out { fill: #2da44e; } .draining { fill: #d4a72c; } .suspended { fill: #cf222e; }
  .mark { stroke: #1b1f24; fill: #1b1f24; }
  @media (prefers-color-scheme: dark) {
    .back { fill: #0d1117; } .text { fill: #e6edf3; } .dim { fill: #9198a1; } .line { stroke: #30363d; }
    .live { fill: #1f6feb; } .handed-out { fill: #3fb950; } .draining { fill: #d29922; } .suspended { fill: #f85149; }
    .mark { stroke: #e6edf3; fill: #e6edf3; }
  }`;

/** A picture of a timeline: a lane for each credential, deploys as lines, uses and refusals as marks. Pure. */
export function timelineSvg(title: string, { from, to, lanes, deploys, seen }: Timeline): string {
  const span = Math.max(1, to - from);
  const x = (time: number): number =>
    LEFT + ((Math.min(Math.max(time, from), to) - from) / span) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + lanes.length * LANE;
  const height = bottom + 78;
  const laneOf = new Map(lanes.map(({ id }, index) => [id, TOP + index * LANE + LANE / 2] as const));
  const parts = [
    `<rect class="back" width="${String(WIDTH)}" height="${String(height)}"/>`,
    `<text class="text" x="16" y="28" font-size="15" font-weight="600">${escaped(title)}</text>`,
    ...Array.from({ length: TICKS + 1 }, (_, tick) => from + (span * tick) / TICKS).flatMap((time) => [
      `<line class="line" x1="${px(x(time))}" y1="${String(TOP - 8)}" x2="${px(x(time))}" y2="${String(bottom)}"/>`,
      `<text class="dim" x="${px(x(time))}" y="${String(bottom + 16)}" text-anchor="middle">${tickText(time, span)}</text>`,
    ]),
    ...lanes.flatMap(({ id, segments }) => {
      const y = laneOf.get(id) ?? TOP;
      return [
        `<text class="text" x="${String(LEFT - 12)}" y="${px(y + 4)}" text-anchor="end">${escaped(id)}</text>`,
        ...segments.map(({ use, from: start, to: end }) => {
          const width = Math.max(2, x(end) - x(start));
          const name = use.replace(" ", "-");
          return `<rect class="${name}" x="${px(x(start))}" y="${px(y - BAR / 2)}" width="${px(width)}" height="${String(BAR)}" rx="3"><title>${escaped(`${id}: ${use}`)}</title></rect>`;
        }),
      ];
    }),
    ...deploys.flatMap(({ at, text }, index) => [
      `<line class="mark" stroke-dasharray="3 3" x1="${px(x(at))}" y1="${String(TOP - 6)}" x2="${px(x(at))}" y2="${String(bottom)}"/>`,
      `<text class="dim" x="${px(x(at) + 4)}" y="${String(TOP - 10 - (index % 2) * 13)}">${escaped(text)}</text>`,
    ]),
    ...seen.flatMap(({ at, text, credential = "" }) => {
      const y = laneOf.get(credential);
      if (y === undefined) return [];
      return [`<circle class="mark" cx="${px(x(at))}" cy="${px(y)}" r="4"><title>${escaped(text)}</title></circle>`];
    }),
    ...legend(bottom + 48),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(height)}" role="img" aria-label="${escaped(title)}">
<style>${STYLE}
</style>
${parts.join("\n")}
</svg>
`;
}

function legend(y: number): string[] {
  const entries = [
    ["live", "minted, not handed out"],
    ["handed-out", "handed out"],
    ["draining", "draining: accepted"],
    ["suspended", "suspended: refused"],
  ] as const;
  return [
    ...entries.flatMap(([name, text], index) => {
      const x = 16 + index * 180;
      return [
        `<rect class="${name}" x="${String(x)}" y="${String(y - 10)}" width="14" height="12" rx="2"/>`,
        `<text class="text" x="${String(x + 20)}" y="${String(y)}">${text}</text>`,
      ];
    }),
    `<circle class="mark" cx="740" cy="${String(y - 4)}" r="4"/>`,
    `<text class="text" x="752" y="${String(y)}">last use, or a refusal</text>`,
  ];
}

/** The time of day where all is within two days, else the day. */
function tickText(time: number, span: number): string {
  const text = new Date(time).toISOString();
  return span < 2 * 86_400_000 ? `${text.slice(11, 19)}Z` : text.slice(0, 10);
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
