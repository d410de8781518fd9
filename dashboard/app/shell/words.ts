// How the page says times, ages, numbers and states. Everything that is said twice is worded here once.

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

export function number(value: number | null, decimals: number | null): string {
  if (value === null) return "–";
  const digits = decimals ?? (Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1);
  return new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
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
