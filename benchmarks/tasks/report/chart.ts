import type { Verdict } from "./verdict.ts";

/** The goals as bars, in colours that hold on a light page and on a dark one. */
export function drawChart(verdicts: readonly Verdict[], subtitle: string): string {
  const againstPeers = verdicts.filter(({ peer }) => peer !== null).map(asBar);
  const againstItself = verdicts.filter(({ peer }) => peer === null).map(asBar);
  const panels: Panel[] = [
    {
      title: "Times as good as the better peer",
      bars: againstPeers,
      scale: logScale(againstPeers),
      unit: "×",
    },
    { title: "Share of what it does undisturbed", bars: againstItself, scale: shareScale, unit: "" },
  ].filter(({ bars }) => bars.length > 0);
  let top = HEADER;
  const drawn = panels.map((panel) => {
    const text = drawPanel(panel, top);
    top += panelHeight(panel);
    return text;
  });
  return svg(top, subtitle, drawn);
}

const WIDTH = 900;
const HEADER = 92;
const ROW = 30;
const LEFT = 375;
const RIGHT = 740;
const PANEL_HEAD = 46;

interface Bar {
  readonly label: string;
  /** More is better, in all bars. */
  readonly value: number;
  readonly goal: number;
  readonly floor: number;
  readonly reached: Verdict["reached"];
}

interface Scale {
  readonly at: (value: number) => number;
  /** Where bars begin. */
  readonly base: number;
  readonly ticks: readonly number[];
}

interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly scale: Scale;
  readonly unit: string;
}

function asBar({ title, ratio, goal, floor, better, reached }: Verdict): Bar {
  const upward = (value: number): number => (better === "more" ? value : 1 / value);
  return { label: title, value: upward(ratio), goal: upward(goal), floor: upward(floor), reached };
}

function logScale(bars: readonly Bar[]): Scale {
  const values = bars.flatMap(({ value, goal, floor }) => [value, goal, floor, 1]);
  const low = Math.min(...values) / 1.25;
  const high = Math.max(...values) * 1.25;
  const at = (value: number): number =>
    LEFT + ((RIGHT - LEFT) * Math.log(value / low)) / Math.log(high / low);
  const ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].filter((tick) => tick > low && tick < high);
  return { at, base: 1, ticks };
}

const shareScale: Scale = {
  at: (value) => LEFT + (RIGHT - LEFT) * Math.min(1.05, value) * 0.95,
  base: 0,
  ticks: [0, 0.25, 0.5, 0.75, 1],
};

function panelHeight({ bars }: Panel): number {
  return PANEL_HEAD + bars.length * ROW + 22;
}

function drawPanel({ title, bars, scale, unit }: Panel, top: number): string {
  const first = top + PANEL_HEAD;
  const bottom = first + bars.length * ROW;
  const ticks = scale.ticks.map((tick) => {
    const x = round(scale.at(tick));
    const kind = tick === scale.base ? "base" : "grid";
    return (
      `<line class="${kind}" x1="${x}" y1="${first - 6}" x2="${x}" y2="${bottom}"/>` +
      `<text class="tick" x="${x}" y="${first - 12}">${tick}${unit}</text>`
    );
  });
  const rows = bars.map((bar, index) => drawBar(bar, scale, unit, first + index * ROW));
  return [
    `<text class="panel" x="${LEFT}" y="${top + 14}">${title}</text>`,
    `<text class="column" x="${WIDTH - 84}" y="${first - 12}">ours</text>`,
    `<text class="column" x="${WIDTH - 16}" y="${first - 12}">goal</text>`,
    ...ticks,
    ...rows,
  ].join("\n  ");
}

function drawBar(
  { label, value, goal, floor, reached }: Bar,
  scale: Scale,
  unit: string,
  top: number,
): string {
  const [from, to] = [scale.at(scale.base), scale.at(value)];
  const middle = top + ROW / 2 + 4;
  const mark = (kind: string, at: number): string => {
    const x = round(scale.at(at));
    return `<line class="${kind}" x1="${x}" y1="${top + 3}" x2="${x}" y2="${top + ROW - 3}"/>`;
  };
  const size = `x="${round(Math.min(from, to))}" y="${top + 7}" width="${round(Math.abs(to - from))}"`;
  return [
    `<text class="label" x="${LEFT - 14}" y="${middle}">${escaped(label)}</text>`,
    `<rect class="${reached}" ${size} height="${ROW - 14}" rx="2"/>`,
    mark("floor-mark", floor),
    mark("goal-mark", goal),
    `<text class="value" x="${WIDTH - 84}" y="${middle}">${figure(value)}${unit}</text>`,
    `<text class="aim" x="${WIDTH - 16}" y="${middle}">${figure(goal)}${unit}</text>`,
  ].join("\n  ");
}

const style = `
    text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
    .title { font-size: 17px; font-weight: 600; }
    .panel { font-weight: 600; }
    .label, .value, .aim, .column { text-anchor: end; }
    .value { font-weight: 600; }
    .tick { text-anchor: middle; font-size: 11px; }
    .tick, .aim, .column, .subtitle, .key { fill: #59636e; }
    .key, .column { font-size: 11px; }
    .grid { stroke: #d1d9e0; }
    .base { stroke: #59636e; }
    .goal { fill: #2f81c7; }
    .floor { fill: #c99a2e; }
    .neither { fill: #cf5148; }
    .goal-mark { stroke: #1f2328; stroke-width: 2.5; }
    .floor-mark { stroke: #1f2328; stroke-width: 1.5; stroke-dasharray: 3 3; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .tick, .aim, .column, .subtitle, .key { fill: #9198a1; }
      .grid { stroke: #3d444d; }
      .base { stroke: #9198a1; }
      .goal { fill: #4c9be8; }
      .floor { fill: #d6a73c; }
      .neither { fill: #e5675d; }
      .goal-mark, .floor-mark { stroke: #e6edf3; }
    }`;

function svg(height: number, subtitle: string, panels: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">
  <title id="title">@core/tasks against graphile-worker and pg-boss</title>
  <style>${style}
  </style>
  <text class="title" x="16" y="28">@core/tasks against graphile-worker and pg-boss</text>
  <text class="subtitle" x="16" y="48">${escaped(subtitle)}</text>
  ${legend()}
  ${panels.join("\n  ")}
</svg>
`;
}

function legend(): string {
  const entries = [
    ["goal", "goal reached"],
    ["floor", "only the floor"],
    ["neither", "neither"],
  ] as const;
  const boxes = entries.map(
    ([kind, text], index) =>
      `<rect class="${kind}" x="${16 + index * 110}" y="60" width="10" height="10" rx="2"/>` +
      `<text class="key" x="${31 + index * 110}" y="69">${text}</text>`,
  );
  const line = (kind: string, x: number, text: string): string =>
    `<line class="${kind}" x1="${x}" y1="57" x2="${x}" y2="73"/>` +
    `<text class="key" x="${x + 8}" y="69">${text}</text>`;
  return [...boxes, line("goal-mark", 350, "goal"), line("floor-mark", 404, "floor")].join("\n  ");
}

function figure(value: number): string {
  return value >= 10 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(2);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
