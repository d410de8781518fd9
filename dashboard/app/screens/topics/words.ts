// How this screen says sizes and rates. Pure.

import { number } from "../../shell/words.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function bytesWords(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1_024 && unit < UNITS.length - 1) [value, unit] = [value / 1_024, unit + 1];
  return `${number(value, Number.isInteger(value) || value >= 100 ? 0 : 1)} ${UNITS[unit]}`;
}

/** A rate, coarse enough to be read while it changes. */
export function rateWords(rate: number | null): string {
  if (rate === null || rate === 0) return rate === null ? "–" : "0";
  return number(rate, rate < 10 ? 1 : 0);
}
