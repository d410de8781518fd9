// Text that a stranger chose, made fit to be seen: controls and what turns the direction of writing are spelt out, and
// what is too long is cut and says so. Pure.

// C0 and C1 controls, soft hyphen, zero-width, bidi marks, embeddings, overrides, isolates, byte order mark, line and
// paragraph separators, tags: they show nothing, or change what stands beside them.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu;
/** In a text of several lines these are what they look like. */
const LAYOUT = /[\n\t]/;

/** One line, at most `max` characters. */
export function shownText(text: string, max: number): string {
  const cut = text.length > max ? `${withoutHalf(text.slice(0, max - 1))}…` : text;
  return cut.replace(UNSEEN, spelt);
}

/** Many lines: line ends and tabs stay. */
export function shownLines(text: string, max: number): string {
  const cut = text.length > max ? withoutHalf(text.slice(0, max)) : text;
  return cut.replaceAll("\r\n", "\n").replace(UNSEEN, (found) => (LAYOUT.test(found) ? found : spelt(found)));
}

function spelt(found: string): string {
  const code = found.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** A cut may go through a pair of surrogates. */
function withoutHalf(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}
