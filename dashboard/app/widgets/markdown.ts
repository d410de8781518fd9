// Markdown as a tree of the few elements that a board's text may have. The parser's tokens are walked, nothing is made into markup:
// HTML stays the text it is, an image is its words, and a link leads to a page or a mail or nowhere.

import { parse, postprocess, preprocess } from "micromark";
import { safeLink } from "../../fold/rows.ts";

export type Tag = "p" | "h3" | "h4" | "h5" | "ul" | "ol" | "li" | "blockquote" | "strong" | "em" | "code" | "pre" | "a" | "br" | "hr";
export type Part = string | Element;
export interface Element {
  tag: Tag;
  href: string | null;
  children: Part[];
}

type Event = ReturnType<typeof postprocess>[number];

const TAGS: Readonly<Record<string, Tag>> = {
  paragraph: "p", listOrdered: "ol", listUnordered: "ul", blockQuote: "blockquote", htmlFlow: "p", strong: "strong", emphasis: "em",
  codeText: "code", codeFenced: "pre", codeIndented: "pre", link: "a", autolink: "a", thematicBreak: "hr", hardBreakEscape: "br", hardBreakTrailing: "br",
};
/** What stands between the lines for the parser alone. */
const SILENT = new Set(["definition", "resource", "reference", "codeFencedFence", "atxHeadingSequence", "setextHeadingLine", "listItemPrefix", "image"]);
const BLOCKS: ReadonlySet<Tag> = new Set<Tag>(["li", "ul", "ol", "blockquote"]);
/** Tokens whose own text is what is read. */
const SPOKEN = new Set(["data", "codeTextData", "codeFlowValue", "characterEscapeValue", "autolinkProtocol", "autolinkEmail", "htmlTextData", "htmlFlowData"]);
const REFERENCES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0", hellip: "…", mdash: "—", ndash: "–", euro: "€", copy: "©", middot: "·", rarr: "→" };

export function parseMarkdown(text: string): Part[] {
  const events = postprocess(parse().document().write(preprocess()(text, "utf8", true)));
  return new Walk(destinations(events)).through(events);
}

class Walk {
  #open: Element[] = [{ tag: "p", href: null, children: [] }];
  /** Inside how many tokens that are not read. */
  #silent = 0;

  constructor(private links: ReadonlyMap<string, string>) {}

  through(events: readonly Event[]): Part[] {
    for (const [step, token, context] of events) {
      const words = () => context.sliceSerialize(token);
      if (SILENT.has(token.type)) {
        this.#silent += step === "enter" ? 1 : -1;
        if (step === "enter" && token.type === "listItemPrefix") this.#item();
        // An image is its words.
        if (step === "enter" && token.type === "image") this.#say(/^!\[([^\]]*)/.exec(words())?.[1] ?? "");
      } else if (this.#silent === 0) {
        if (step === "enter") this.#enter(token.type, words);
        else this.#exit(token.type);
      }
    }
    return this.#open[0]?.children ?? [];
  }

  #enter(type: string, words: () => string): void {
    const tag = type === "atxHeading" || type === "setextHeading" ? heading(words()) : TAGS[type];
    if (tag) this.#begin(tag, tag === "a" ? this.#destination(type, words()) : null);
    else if (SPOKEN.has(type)) this.#say(words());
    else if (type === "lineEnding") this.#say(this.#open.at(-1)?.tag === "pre" ? "\n" : " ");
    else if (type === "characterReferenceValue") this.#say(referred(words()));
  }

  #exit(type: string): void {
    const tag = TAGS[type];
    if (!tag && type !== "atxHeading" && type !== "setextHeading") return;
    const here = this.#open.at(-1);
    if (tag === "pre" && here?.children.at(-1) === "\n") here.children.pop();
    if ((tag === "ul" || tag === "ol") && this.#open.at(-1)?.tag === "li") this.#open.pop();
    if (this.#open.length > 1) this.#open.pop();
  }

  #item(): void {
    if (this.#open.at(-1)?.tag === "li") this.#open.pop();
    this.#begin("li", null);
  }

  #begin(tag: Tag, href: string | null): void {
    const element: Element = { tag, href, children: [] };
    this.#open.at(-1)?.children.push(element);
    this.#open.push(element);
  }

  #say(text: string): void {
    const here = this.#open.at(-1);
    if (!here || this.#open.length === 1) return;
    // Line ends between blocks, and at the borders of code, are no words.
    const isBlank = text.trim() === "" && here.tag !== "code";
    if (isBlank && (here.children.length === 0 || BLOCKS.has(here.tag))) return;
    here.children.push(text);
  }

  /** `[words](address)`, `[words][name]`, `<address>`. */
  #destination(type: string, written: string): string | null {
    if (type === "autolink") return safeLink(written.includes("@") && !written.includes(":") ? `mailto:${written.slice(1, -1)}` : written.slice(1, -1));
    const direct = /\]\(\s*<?([^\s<>]*?)>?(\s+["'(][^]*)?\s*\)$/.exec(written)?.[1];
    const name = /\]\[([^\]]+)\]$/.exec(written)?.[1] ?? /^\[([^\]]+)\]/.exec(written)?.[1] ?? "";
    return safeLink(direct ?? this.links.get(name.toLowerCase()));
  }
}

function destinations(events: readonly Event[]): Map<string, string> {
  const found = new Map<string, string>();
  let name = "";
  for (const [step, token, context] of events) {
    if (step !== "enter") continue;
    if (token.type === "definitionLabelString") name = context.sliceSerialize(token).toLowerCase();
    if (token.type === "definitionDestinationString" && !found.has(name)) found.set(name, context.sliceSerialize(token));
  }
  return found;
}

/** The page has its own first and the tile its second heading. */
function heading(written: string): Tag {
  const depth = /^\s*(#+)/.exec(written)?.[1]?.length ?? (/\n\s*=+\s*$/.test(written) ? 1 : 2);
  return depth === 1 ? "h3" : depth === 2 ? "h4" : "h5";
}

function referred(name: string): string {
  const code = /^#x([0-9a-f]{1,6})$/i.exec(name)?.[1];
  const number = code ? parseInt(code, 16) : /^#\d{1,7}$/.test(name) ? Number(name.slice(1)) : null;
  if (number !== null) return number > 0 && number <= 0x10ffff ? String.fromCodePoint(number).toWellFormed() : "\ufffd";
  return REFERENCES[name] ?? `&${name};`;
}
