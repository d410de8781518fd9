// Where tiles go when the screen is narrower than the twelve columns a board is written for. Pure.

import type { Widget } from "./widget.ts";

export interface Size {
  width: number;
  height: number;
}

/** A row of a narrow screen is no taller than this, or one scene fills a phone. */
const HEIGHT_MAX = 5;
/** A tile gives way to its neighbour down to this part of its width. */
const SHRINK_TO = 0.75;

/** Rows are filled in the board's order; the last tile of each takes what is left, so that no holes stand open. */
export function pack(widgets: readonly Pick<Widget, "type" | "at">[], columns: number): Size[] {
  const rows: Size[][] = [];
  let left = 0;
  for (const widget of widgets) {
    const width = narrowed(widget, columns);
    const fits = width <= left ? width : left >= width * SHRINK_TO ? left : 0;
    const size = { width: fits || width, height: Math.min(widget.at[3], HEIGHT_MAX) };
    if (fits) rows.at(-1)?.push(size);
    else rows.push([size]);
    left = fits ? left - fits : columns - width;
  }
  return rows.flatMap((row) => {
    const spare = columns - row.reduce((sum, { width }) => sum + width, 0);
    const height = Math.max(...row.map((size) => size.height));
    return row.map(({ width }, index) => ({ width: index === row.length - 1 ? width + spare : width, height }));
  });
}

function narrowed({ type, at }: Pick<Widget, "type" | "at">, columns: number): number {
  if (columns <= 2) return type === "number" ? 1 : columns;
  return Math.min(columns, Math.max(2, Math.ceil((at[2] * columns) / 12)));
}
