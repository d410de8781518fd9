// How the page says times, ages, numbers and states. Everything that is said twice is worded here once.

import type { Level } from "../../fold/level.ts";
import type { State } from "../../sdk/index.ts";
import type { IconName } from "./icons.ts";

const LOCALE = navigator.language;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export function clockTime(ms: number): string {
  return clock.format(ms);
}

export function span(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 1) return `${Math.round(ms / 1_000)} s`;
  if (minutes < 60) return `${Math.round(minutes)} min`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} days`;
}

/** How long ago, coarse: it must not change faster than anyone can read. */
export function ago(at: number, now: number): string {
  const ms = Math.max(0, now - at);
  return ms < 5_000 ? "now" : `${span(ms)} ago`;
}

/** Making a formatter costs a hundred times what using it does. */
const formatters = new Map<string, Intl.NumberFormat>();
/** Whatever is larger is told by its magnitude: nobody counts thirty digits. */
const PLAIN_MAX = 1e10;

export function number(value: number | null, decimals: number | null): string {
  if (value === null || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Math.abs(value) >= PLAIN_MAX) return formatter(Math.abs(value) < 1e15 ? "compact" : "scientific", 0, 2).format(value);
  const digits = decimals ?? (Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1);
  return formatter("standard", digits, digits).format(value);
}

function formatter(notation: "standard" | "compact" | "scientific", least: number, most: number): Intl.NumberFormat {
  const name = `${notation} ${least} ${most}`;
  const known = formatters.get(name) ?? new Intl.NumberFormat(LOCALE, { notation, minimumFractionDigits: least, maximumFractionDigits: most });
  formatters.set(name, known);
  return known;
}

/** "below 1 for 2 min". */
export function levelWords({ above, below, equals, forMs }: Level, unit: string): string {
  const bounds = [above === null ? "" : `above ${measured(above, null, unit)}`, below === null ? "" : `below ${measured(below, null, unit)}`, equals === null ? "" : `at ${measured(equals, null, unit)}`];
  return `${bounds.filter(Boolean).join(" and ")}${forMs > 0 ? ` for ${span(forMs)}` : ""}`;
}

/** A currency's sign stands before, any other unit behind. */
export function unitPlace(unit: string): "before" | "behind" {
  return /^\p{Sc}$/u.test(unit) ? "before" : "behind";
}

export function measured(value: number | null, decimals: number | null, unit: string): string {
  const text = number(value, decimals);
  if (value === null || unit === "") return text;
  return unitPlace(unit) === "before" ? `${unit}${text}` : `${text} ${unit}`;
}

export function missedWords(count: number | null): string {
  return count === null ? "an unknown number missed" : `${count} missed`;
}

export interface BadgeWords {
  tone: "ok" | "busy" | "warn" | "bad";
  icon: IconName;
  word: string;
  /** Without what changes every second: for those who listen. */
  spoken: string;
}

/** The badge's five states. */
export function badgeOf(state: State, nowLocal: number): BadgeWords {
  switch (state.is) {
    case "live":
      return state.catchingUp === 0 ? said("ok", "live", "live") : said("busy", "catchingUp", "catching up");
    case "idle":
      return said("busy", "catchingUp", "catching up");
    case "connecting":
      return state.attempt === 0 ? said("busy", "catchingUp", "catching up") : said("warn", "refresh", "reconnecting");
    case "waiting": {
      const seconds = Math.max(1, Math.ceil((state.until - nowLocal) / 1_000));
      return { ...said("warn", "refresh", "reconnecting"), word: `reconnecting in ${seconds} s` };
    }
    case "suspended":
      return said("bad", "offline", "offline");
    case "closed": {
      const isSignedOut = state.cause?.closeCode === 4501 || state.cause?.code === "token";
      return isSignedOut ? said("bad", "signedOut", "signed out") : said("bad", "offline", "offline");
    }
  }
}

function said(tone: BadgeWords["tone"], icon: IconName, word: string): BadgeWords {
  return { tone, icon, word, spoken: word };
}
