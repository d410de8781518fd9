// Sources as the gateway tells of them, and what is made of it for people: pace, refused share, silence. Pure.

import { Fields } from "./fields.ts";

export interface Beat {
  accepted: number;
  refused: number;
}

export interface SecretUse {
  label: string;
  lastUsed: number | null;
}

export interface Source {
  name: string;
  provider: string;
  title: string;
  /** Where its provider posts to: a whole URL, or a path where the gateway knows no public one. */
  hook: string;
  stream: string;
  proof: string[];
  isUnproven: boolean;
  secrets: SecretUse[];
  allow: string[];
  lastDelivery: { at: number; outcome: string } | null;
  lastEvent: number | null;
  expectMs: number | null;
  silentSince: number | null;
  /** Since the node began; null where the gateway does not count them. */
  counts: { accepted: number; duplicate: number; filtered: number; refused: number } | null;
  /** Minute by minute, the newest last. */
  beats: Beat[];
}

export const BEATS = 60;
/** Some are always refused, for the internet knocks at every door; from here on somebody should look. */
export const MANY_REFUSED = 0.1;
/** A rate over less jumps, over more it lags. */
const RATE_MINUTES = 5;

export function parseSources(json: unknown): Source[] {
  return new Fields(json).tables("sources").map(parseSource);
}

export function parseSource(fields: Fields): Source {
  const delivery = fields.at("last_delivery");
  const at = delivery.time("time");
  const counts = (["accepted", "duplicate", "filtered", "refused"] as const).map((key) => fields.number(key));
  const [accepted, duplicate, filtered, refused] = counts;
  return {
    name: fields.text("name"),
    provider: fields.text("provider"),
    title: fields.text("title") || fields.text("provider"),
    hook: fields.text("hook"),
    stream: fields.text("stream"),
    proof: fields.texts("proof"),
    isUnproven: fields.is("unproven"),
    secrets: fields.tables("secrets").map((secret) => ({ label: secret.text("label"), lastUsed: secret.time("last_used") })),
    allow: fields.texts("allow"),
    lastDelivery: at === null ? null : { at, outcome: delivery.text("outcome") },
    lastEvent: fields.time("last_event"),
    expectMs: fields.number("expect_ms"),
    silentSince: fields.time("silent_since"),
    counts: counts.every((count) => count === null) ? null : { accepted: accepted ?? 0, duplicate: duplicate ?? 0, filtered: filtered ?? 0, refused: refused ?? 0 },
    beats: fields.list("beats").map(parseBeat).slice(-BEATS),
  };
}

function parseBeat(beat: unknown): Beat {
  const [accepted, refused]: unknown[] = Array.isArray(beat) ? beat : [];
  return { accepted: counted(accepted), refused: counted(refused) };
}

function counted(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.floor(value) : 0;
}

/** Deliveries a minute, over the last five or since the first of the hour; null before anything is known. */
export function ratePerMinute({ beats }: Source): number | null {
  if (beats.length === 0) return null;
  // Minutes before the node began must not thin out those after.
  const first = beats.findIndex(({ accepted, refused }) => accepted + refused > 0);
  const recent = beats.slice(Math.max(first, beats.length - RATE_MINUTES));
  return recent.reduce((sum, { accepted, refused }) => sum + accepted + refused, 0) / recent.length;
}

/** Of the last hour's deliveries; null where there were none. */
export function refusedShare({ beats }: Source): number | null {
  const { accepted, refused } = lastHour(beats);
  return accepted + refused === 0 ? null : refused / (accepted + refused);
}

export function lastHour(beats: Beat[]): Beat {
  return beats.reduce((sum, beat) => ({ accepted: sum.accepted + beat.accepted, refused: sum.refused + beat.refused }), { accepted: 0, refused: 0 });
}

/** 0.4 % must not read as none. */
export function shareWords(share: number | null): string {
  if (share === null) return "–";
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return "< 0.1 %";
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

export type Mood = "ok" | "warn" | "bad" | "quiet";

/** How a source is, in one word that stands beside its name. */
export function moodOf(source: Source): { mood: Mood; word: string } {
  const share = refusedShare(source);
  if (source.silentSince !== null) return { mood: "bad", word: "silent" };
  if (source.lastDelivery === null) return { mood: "quiet", word: "nothing yet" };
  if (source.lastDelivery.outcome === "refused" && (source.lastEvent === null || share === 1)) return { mood: "bad", word: "refused" };
  if (source.isUnproven) return { mood: "warn", word: "unproven" };
  return { mood: "ok", word: "hearing" };
}

/** Whether no other machine can reach this URL. */
export function isOfThisMachine(url: string): boolean {
  return /^https?:\/\/(localhost|[^/]+\.localhost|127\.[\d.]+|\[::1\]|0\.0\.0\.0)([:/]|$)/.test(url);
}

const NAME = /^[A-Za-z0-9._-]+$/;

/** What is wrong with a name for a source, in a sentence; null where nothing is. */
export function nameMistake(name: string, taken: readonly string[]): string | null {
  if (name === "") return "A source needs a name: it ends its URL.";
  if (name.length > 64) return "A name has at most 64 characters.";
  if (!NAME.test(name)) return "A name is made of letters, digits, “.”, “_” and “-”: it stands in a URL.";
  if (name.toLowerCase() === "hookcast") return "“hookcast” is the gateway's own stream: choose another name.";
  if (taken.includes(name)) return `There is a source called “${name}” already.`;
  return null;
}

/** The first free of `github`, `github-2`, …  */
export function freeName(wanted: string, taken: readonly string[]): string {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted : `${wanted}-${count}`;
    if (!taken.includes(name)) return name;
  }
}

/** What became of a change to the configuration. */
export interface Written {
  isWritten: boolean;
  /** Why the file could not be written. */
  why: string;
  /** The lines for the file. */
  toml: string;
  /** Said once, by the answer to what made it; never asked for again. */
  secret: string | null;
  /** What some vendors ask for when the URL is registered; shown once too. */
  verifyToken: string | null;
  hook: string | null;
  /** What to think over in a secret that was taken all the same. */
  warning: string;
}

export function parseWritten(json: unknown): Written {
  const fields = new Fields(json);
  const source = fields.at("source");
  return {
    isWritten: fields.is("written"),
    why: fields.text("why"),
    toml: fields.text("toml"),
    secret: fields.textOrNull("secret"),
    verifyToken: fields.textOrNull("verify_token"),
    hook: source.textOrNull("hook"),
    warning: sentence(fields.text("warning")),
  };
}

/** The gateway's own sentences begin small and end without a stop. */
function sentence(text: string): string {
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
