// A board as it was written, checked once: from here on every widget is whole. A mistake names the widget,
// the key and what was expected; the other widgets go on. Pure.

import { BOUNDS } from "./bounds.ts";
import { Keys } from "./keys.ts";
import { parseWidget, type Widget } from "./widget.ts";

// Whoever deals with boards finds all of them at this door.
export { BOUNDS } from "./bounds.ts";
export { parseDuration } from "./keys.ts";
export { WIDGET_KEYS, WIDGET_TYPES, type Widget, type WidgetType } from "./widget.ts";

export interface Board {
  name: string;
  title: string;
  rangeMs: number;
  widgets: Widget[];
  mistakes: string[];
  /** What the page offers to try: a source to test and a `curl` line, as the gateway gives them. */
  invitation: { source: string; curl: string | null } | null;
}

/** A board of a thousand mistakes is told by its first ones. */
const MISTAKES_MAX = 20;

export function parseBoard(json: unknown): Board {
  const mistakes: string[] = [];
  const top = new Keys(json, "board", mistakes);
  const tables = top.list("widget");
  if (tables.length > BOUNDS.widgets) mistakes.push(`board: ${tables.length} widgets, at most ${BOUNDS.widgets} are shown`);
  const widgets: Widget[] = [];
  for (const [index, table] of tables.slice(0, BOUNDS.widgets).entries()) {
    const widget = parseWidget(table, index, mistakes);
    const isTwice = widgets.some(({ id }) => id === widget?.id);
    if (widget && isTwice) mistakes.push(`widget ${JSON.stringify(widget.id)}: \`id\` should be one that no other widget has`);
    if (widget && !isTwice) widgets.push(widget);
  }
  const invited = new Keys(top.get("try"), "board.try", mistakes);
  const source = invited.text("source", "");
  const name = top.text("name", "");
  const title = top.text("title", "") || top.text("name", "Board");
  const rangeMs = top.duration("range") ?? 900_000;
  const invitation = source === "" ? null : { source, curl: invited.text("curl", "") || null };
  const told = [...new Set(mistakes)];
  const more = told.length - MISTAKES_MAX;
  return { name, title, rangeMs, widgets, mistakes: more > 1 ? [...told.slice(0, MISTAKES_MAX), `and ${more} more mistakes`] : told, invitation };
}
