// The catalogue of providers as the gateway tells of it: to choose from, and for one of them what to do where. Pure.

import { Fields } from "./fields.ts";

export interface Provider {
  name: string;
  title: string;
  /** The field of trade, such as `payments`. */
  field: string;
  /** Who thinks the secret up; `itself`: the vendor sends it when the webhook is registered. */
  secretBy: "operator" | "vendor" | "itself" | "nobody";
  /** It asks for a word of ours before it sends anything. */
  needsVerifyToken: boolean;
  /** What it signs holds the URL, as it knows it. */
  signsUrl: boolean;
  confidence: string;
  proof: string[];
}

export interface ProviderPage extends Provider {
  /** Where the URL is pasted, in the vendor's words. */
  paste: string;
  /** What the secret is and where it stands. */
  secret: string;
  /** Which events to choose. */
  events: string;
  retries: string;
  traps: string[];
  unsure: string[];
  docs: string;
}

/** What most people look for, in that order; whoever is missing from the catalogue is left out. */
const POPULAR = ["github", "stripe", "shopify", "gitlab", "slack", "paypal", "twilio", "discord", "sentry", "linear", "typeform", "woocommerce"];
/** For senders that are in no catalogue: at the end, where they are looked for last. */
const CUSTOM = ["hmac", "token", "standard-webhooks", "cloudevents", "none"];

export function parseProviders(json: unknown): Provider[] {
  return new Fields(json).tables("providers").map(parseOne);
}

function parseOne(fields: Fields): Provider {
  return {
    name: fields.text("name"),
    title: fields.text("title") || fields.text("name"),
    field: fields.text("field") || fields.text("family"),
    secretBy: secretBy(fields),
    needsVerifyToken: fields.is("needs_verify_token"),
    signsUrl: fields.is("needs_public_url"),
    confidence: fields.text("confidence"),
    proof: fields.texts("proof"),
  };
}

function secretBy(fields: Fields): Provider["secretBy"] {
  if (fields.is("captures")) return "itself";
  const by = fields.text("secret_by");
  return by === "vendor" || by === "nobody" ? by : "operator";
}

export function parseProvider(json: unknown): ProviderPage {
  const fields = new Fields(json);
  const secret = fields.text("secret");
  const docs = fields.text("docs");
  return {
    ...parseOne(fields),
    paste: fields.text("paste"),
    secret,
    events: fields.text("events"),
    retries: fields.text("retries"),
    traps: fields.texts("traps"),
    unsure: fields.texts("unsure"),
    // A link of an operator's own row may be anything; only a page of the web is one.
    docs: /^https?:\/\//.test(docs) ? docs : "",
  };
}

export interface Shelf {
  heading: string;
  providers: Provider[];
}

/** All of them, popular first, then by field, the ones for anybody at the end; or those that fit what was typed. */
export function shelves(all: Provider[], typed: string): Shelf[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const named = (names: string[]) => names.flatMap((name) => all.find((each) => each.name === name) ?? []);
  if (words.length > 0) {
    const fits = ({ name, title, field }: Provider) => words.every((word) => `${name} ${title} ${field}`.toLowerCase().includes(word) || isAnyOf(name, word));
    const found = all.filter(fits).sort((a, b) => closeness(a, words) - closeness(b, words) || a.title.localeCompare(b.title));
    return found.length === 0 ? [] : [{ heading: found.length === 1 ? "1 provider" : `${found.length} providers`, providers: found }];
  }
  const own = all.filter(({ field }) => field === "own");
  const rest = all.filter(({ name, field }) => !CUSTOM.includes(name) && field !== "own");
  const fields = [...new Set(rest.map(({ field }) => field))].sort().map((field) => [field, rest.filter((each) => each.field === field)] as const);
  return [
    { heading: "Your own", providers: own },
    { heading: "Popular", providers: named(POPULAR) },
    ...fields.map(([field, providers]) => ({ heading: headed(field), providers: providers.sort((a, b) => a.title.localeCompare(b.title)) })),
    { heading: "Any other sender", providers: named(CUSTOM) },
  ].filter(({ providers }) => providers.length > 0);
}

/** In the midst of a sentence: “Any sender that signs with HMAC” is nobody's name. */
export function senderOf(title: string): string {
  return /^(A|Any) sender\b/.test(title) ? "the sender" : title.replace(/ \(.*\)$/, "");
}

/** Whoever looks for a sender of their own types one of these. */
function isAnyOf(name: string, word: string): boolean {
  return CUSTOM.includes(name) && /^(custom|own|my|other|generic|any)$/.test(word);
}

/** -1: made for senders of one's own; 0: begins like it; 1: has it somewhere in name or title; 2: in its field only. */
function closeness({ name, title }: Provider, words: string[]): number {
  const [first = ""] = words;
  if (isAnyOf(name, first)) return -1;
  if (name.startsWith(first) || title.toLowerCase().startsWith(first)) return 0;
  return `${name} ${title}`.toLowerCase().includes(first) ? 1 : 2;
}

function headed(field: string): string {
  if (field === "ai") return "AI";
  return field === "" ? "Others" : field.charAt(0).toUpperCase() + field.slice(1).replaceAll("_", " ");
}
