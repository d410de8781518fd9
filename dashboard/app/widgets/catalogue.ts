// The widgets there are: a row each. A new widget is a component and a row; the table test finds what it forgot.

import type { Component } from "svelte";
import type { WidgetType } from "../../fold/board.ts";
import type { LiveBoard, LiveWidget } from "../live/board.svelte.ts";
import AlertWidget from "./AlertWidget.svelte";
import BarWidget from "./BarWidget.svelte";
import FeedWidget from "./FeedWidget.svelte";
import LineWidget from "./LineWidget.svelte";
import NumberWidget from "./NumberWidget.svelte";
import StatusWidget from "./StatusWidget.svelte";

export interface WidgetProps {
  live: LiveBoard;
  member: LiveWidget;
}

export const WIDGETS: Record<WidgetType, { component: Component<WidgetProps>; appears: string; hasWindow: boolean }> = {
  number: { component: NumberWidget, appears: "The number starts with the first event.", hasWindow: true },
  line: { component: LineWidget, appears: "The line starts with the first event.", hasWindow: true },
  bar: { component: BarWidget, appears: "The ranking starts with the first event.", hasWindow: true },
  feed: { component: FeedWidget, appears: "The newest events appear here, one a row.", hasWindow: false },
  status: { component: StatusWidget, appears: "One row for each thing that reports.", hasWindow: false },
  alert: { component: AlertWidget, appears: "A scene plays here for each event.", hasWindow: false },
};
