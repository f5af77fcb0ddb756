import { escapeHtml } from "./html.js";

/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Colours that stay apart for colour-blind readers (Okabe and Ito). */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999", "#000000"];

const width = 640;
const height = 300;
const margin = { left: 56, right: 12, top: 12, bottom: 40 };

/** A line chart as an SVG element, with axes, ticks and a legend below. A point that is not finite is left out. */
export function lineChart(series: readonly Series[], axes: { readonly x: string; readonly y: string }): string {
  const drawn = series
    .map(({ name, points }) => ({ name, points: points.filter((point) => point.every(Number.isFinite)) }))
    .filter(({ points }) => points.length > 0);
  const [x0, x1] = extent(drawn.flatMap((s) => s.points.map((p) => p[0])));
  const [y0, y1] = extent(drawn.flatMap((s) => s.points.map((p) => p[1])));
  const px = (x: number) => margin.left + ((x - x0) / (x1 - x0)) * (width - margin.left - margin.right);
  const py = (y: number) => height - margin.bottom - ((y - y0) / (y1 - y0)) * (height - margin.top - margin.bottom);
  const lines = drawn.map(({ points }, i) => {
    const places = points.map(([x, y]) => [px(x).toFixed(1), py(y).toFixed(1)] as const);
    const [cx, cy] = places[0]!;
    return places.length === 1
      ? `<circle fill="${colours[i % colours.length]}" r="3" cx="${cx}" cy="${cy}"/>`
      : `<polyline fill="none" stroke="${colours[i % colours.length]}" stroke-width="1.8" points="${places.join(" ")}"/>`;
  });
  const xTicks = ticks(x0, x1).map(
    (x) => `<text x="${px(x).toFixed(1)}" y="${height - margin.bottom + 16}" text-anchor="middle">${format(x)}</text>`,
  );
  const yTicks = ticks(y0, y1).map(
    (y) =>
      `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${py(y).toFixed(1)}" y2="${py(y).toFixed(1)}"/>` +
      `<text x="${margin.left - 6}" y="${(py(y) + 4).toFixed(1)}" text-anchor="end">${format(y)}</text>`,
  );
  const legend = drawn.map(
    (s, i) => `<span class="key"><i style="background:${colours[i % colours.length]}"></i>${escapeHtml(s.name)}</span>`,
  );
  return [
    `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(`${axes.y} over ${axes.x}`)}">`,
    ...yTicks,
    ...xTicks,
    ...lines,
    `<text x="${(margin.left + width) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(axes.x)}</text>`,
    `<text transform="translate(12 ${height / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(axes.y)}</text>`,
    `</svg><figcaption>${legend.join("")}</figcaption></figure>`,
  ].join("\n");
}

function extent(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** About five round numbers between two bounds. */
function ticks(low: number, high: number): number[] {
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * (raw / power >= 5 ? 10 : raw / power >= 2 ? 5 : raw / power >= 1 ? 2 : 1);
  const list: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) list.push(tick);
  return list;
}

const format = (value: number): string => String(Number(value.toPrecision(12)));
