// The chart itself: uPlot, loaded with the first line widget. It gets whole plots and draws them; a band of
// hatching stands where events are missing.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Plot } from "../../fold/series.ts";
import { lineToken, resolver } from "./colours.ts";

export interface Drawn {
  plot: Plot;
  isRest: boolean[];
  /** Seconds: the window shown. */
  from: number;
  to: number;
  /** One upon the other: the topmost line is the sum. */
  isStacked: boolean;
  /** Lowest and highest on the axis; null follows the values. */
  bounds: [number | null, number | null];
  /** Seconds. */
  gaps: { from: number; to: number }[];
}

export interface Chart {
  draw(drawn: Drawn): void;
  /** Puts the cursor on a point, over all charts of the board; null takes it away. */
  point(index: number | null): void;
  resize(width: number, height: number): void;
  destroy(): void;
}

/** A gap of no length is still seen. */
const BAND_MIN_PX = 6;
const HATCH_PX = 7;

const smooth = uPlot.paths.spline?.();

/** `onpoint` hears where the cursor is, whichever chart it was put on. */
export function createChart(host: HTMLElement, first: Drawn, format: (value: number) => string, onpoint: (index: number | null) => void): Chart {
  let drawn = first;
  const tokens = resolver(host);
  const ink = { axis: tokens.colour("--muted"), grid: tokens.colour("--line"), warn: tokens.colour("--warn") };
  const lines = first.plot.lines.map((_, index) => tokens.colour(lineToken(index, first.isRest[index] ?? false)));
  tokens.done();
  const pixels = devicePixelRatio || 1;
  const size = Math.max(11, Math.round(parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.6875));
  const font = `${size}px ${getComputedStyle(host).fontFamily}`;
  const options: uPlot.Options = {
    width: Math.max(60, host.clientWidth),
    height: Math.max(60, host.clientHeight),
    padding: [8, size * 2, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: "board" }, points: { size: 7 } },
    scales: {
      x: { time: true, range: () => [drawn.from, drawn.to] },
      y: { range: (_, min, max) => yRange(min, max, first.isStacked || first.plot.lines.length === 1, drawn.bounds) },
    },
    axes: [
      { stroke: ink.axis, font, grid: { show: false }, ticks: { show: false }, size: size * 2.2, space: size * 5.4, values: clockLabels },
      { stroke: ink.axis, font, grid: { stroke: ink.grid, width: 1 }, ticks: { show: false }, size: size * 3.4, space: size * 2.4, values: (_, ticks) => ticks.map(format) },
    ],
    series: [
      {},
      ...first.plot.lines.map(({ key }, index) => ({
        label: key,
        // Monotone: rounded, but never above or below what was measured.
        ...(smooth ? { paths: smooth } : {}),
        stroke: lines[index] ?? ink.axis,
        // As thick as its letters are tall: read from across a room too.
        width: Math.max(2, size / 6),
        spanGaps: true,
        points: { show: false },
        ...(first.plot.lines.length === 1 || (first.isStacked && index === 0) ? { fill: fade(lines[index] ?? ink.axis, first.isStacked) } : {}),
      })),
    ],
    // Each layer of a stack is filled down to the one below it.
    ...(first.isStacked ? { bands: first.plot.lines.slice(1).map((_, index) => ({ series: [index + 2, index + 1], fill: fade(lines[index + 1] ?? ink.axis, true) }) satisfies uPlot.Band) } : {}),
    hooks: {
      drawAxes: [(chart) => hatch(chart, drawn.gaps, ink.warn, pixels)],
      setCursor: [({ cursor }) => onpoint((cursor.left ?? -1) < 0 ? null : (cursor.idx ?? null))],
    },
  };
  const chart = new uPlot(options, aligned(first), host);
  return {
    draw(next) {
      drawn = next;
      chart.setData(aligned(next));
    },
    point(index) {
      const time = index === null ? undefined : drawn.plot.times[index];
      const left = time === undefined ? -10 : chart.valToPos(time, "x");
      chart.setCursor({ left, top: 0 });
    },
    resize: (width, height) => chart.setSize({ width: Math.max(60, width), height: Math.max(60, height) }),
    destroy: () => chart.destroy(),
  };
}

function aligned({ plot: { times, lines }, isStacked }: Drawn): uPlot.AlignedData {
  if (!isStacked) return [times, ...lines.map(({ values }) => values)];
  const sums = times.map(() => 0);
  return [times, ...lines.map(({ values }) => values.map((value, at) => (sums[at] = (sums[at] ?? 0) + (value ?? 0))))];
}

/** What counts from nothing stands on zero; readings get room around them. */
function yRange(min: number | null, max: number | null, fromZero: boolean, [lowest, highest]: Drawn["bounds"]): [number, number] {
  if (min === null || max === null) return [lowest ?? 0, Math.max(highest ?? 1, (lowest ?? 0) + 1e-9)];
  const room = Math.max((max - min) * 0.12, Math.abs(max) * 0.02, 0.5);
  const from = lowest ?? (fromZero && min >= 0 ? 0 : min - room);
  return [from, Math.max(highest ?? max + room, from + 1e-9)];
}

function clockLabels(_: uPlot, ticks: number[]): string[] {
  const isFine = ticks.some((tick) => tick % 60 !== 0);
  return ticks.map((tick) => {
    const [hours, minutes, seconds] = new Date(tick * 1_000).toTimeString().slice(0, 8).split(":");
    return isFine ? `${hours}:${minutes}:${seconds}` : `${hours}:${minutes}`;
  });
}

function fade(colour: string, isEven: boolean): (chart: uPlot) => CanvasGradient | string {
  return ({ ctx, bbox }) => {
    if (isEven) return colour.replace("rgb(", "rgba(").replace(")", ", 0.3)");
    const gradient = ctx.createLinearGradient(0, bbox.top, 0, bbox.top + bbox.height);
    gradient.addColorStop(0, colour.replace("rgb(", "rgba(").replace(")", ", 0.28)"));
    gradient.addColorStop(1, colour.replace("rgb(", "rgba(").replace(")", ", 0.02)"));
    return gradient;
  };
}

function hatch(chart: uPlot, gaps: Drawn["gaps"], colour: string, pixels: number): void {
  const { ctx, bbox } = chart;
  for (const { from, to } of gaps) {
    const left = Math.max(bbox.left, chart.valToPos(from, "x", true));
    const right = Math.min(bbox.left + bbox.width, Math.max(chart.valToPos(to, "x", true), left + BAND_MIN_PX * pixels));
    if (right <= left) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.clip();
    ctx.strokeStyle = colour;
    ctx.globalAlpha = 0.55;
    ctx.lineWidth = pixels;
    for (let x = left - bbox.height; x < right; x += HATCH_PX * pixels) {
      ctx.beginPath();
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
      ctx.stroke();
    }
    ctx.restore();
  }
}
