// The widgets there are: a row each. A new widget is a component and a row; the table test finds what it forgot. They
// come with the first board that has one: the usual ones together (vite.config.ts), the others each.

import type { Component } from "svelte";
import type { LevelName } from "../../fold/level.ts";
import type { WidgetType } from "../../fold/widget.ts";
import type { LiveBoard, LiveWidget } from "../live/board.svelte.ts";

export interface WidgetProps {
  live: LiveBoard;
  member: LiveWidget;
  /** The gateway's time, and never before the newest event: what has come is shown at once, not at the next tick. */
  now: number;
  /** The gravest level that holds. */
  level: LevelName | null;
}

type Body = Component<WidgetProps>;

export interface WidgetRow {
  /** At once, or once it is there. */
  body: Body | null;
  load: () => Promise<Body>;
  /** What an empty tile promises. */
  appears: string;
  /** Its title says how far back it looks. */
  hasWindow: boolean;
}

export const WIDGETS: Record<WidgetType, WidgetRow> = {
  number: { ...later(() => import("./NumberWidget.svelte")), appears: "The number starts with the first event.", hasWindow: true },
  line: { ...later(() => import("./LineWidget.svelte")), appears: "The line starts with the first event.", hasWindow: true },
  feed: { ...later(() => import("./FeedWidget.svelte")), appears: "The newest events appear here, one a row.", hasWindow: false },
  bar: { ...later(() => import("./BarWidget.svelte")), appears: "The ranking starts with the first event.", hasWindow: true },
  table: { ...later(() => import("./TableWidget.svelte")), appears: "One row for each thing that is heard of.", hasWindow: false },
  gauge: { ...later(() => import("./GaugeWidget.svelte")), appears: "The arc fills with the first event.", hasWindow: false },
  status: { ...later(() => import("./StatusWidget.svelte")), appears: "One row for each thing that reports.", hasWindow: false },
  heatmap: { ...later(() => import("./HeatmapWidget.svelte")), appears: "The squares warm up with the first event.", hasWindow: true },
  alert: { ...later(() => import("./AlertWidget.svelte")), appears: "A scene plays here for each event.", hasWindow: false },
  text: { ...later(() => import("./TextWidget.svelte")), appears: "", hasWindow: false },
  clock: { ...later(() => import("./ClockWidget.svelte")), appears: "", hasWindow: false },
};

function later(load: () => Promise<{ default: Body }>): Pick<WidgetRow, "body" | "load"> {
  return { body: null, load: async () => (await load()).default };
}
