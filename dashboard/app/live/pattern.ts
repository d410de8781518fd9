// Whether a text is a pattern, by the gateway's own rules, so that a mistake is told while it is typed. The gateway judges
// again. Pure.

const BYTES_MAX = 512;
const SEGMENTS_MAX = 16;
const SEGMENT_BYTES_MAX = 128;
const WILDCARDS_MAX = 4;
const STREAM = /^[A-Za-z0-9._-]{1,64}$/;

const bytes = (text: string) => new TextEncoder().encode(text).length;

/** What is wrong with a pattern, in a sentence with the mend; null where nothing is. */
export function patternMistake(text: string): string | null {
  if (text === "") return "Write a pattern, such as “github/**”.";
  if (bytes(text) > BYTES_MAX) return `A pattern has at most ${BYTES_MAX} bytes.`;
  const [stream = "", ...rest] = text.split("/");
  if (stream.startsWith("*")) return "A pattern begins with the name of one stream, such as “github/**”: it cannot hear all streams at once.";
  if (!STREAM.test(stream)) return "A stream's name is 1 to 64 letters, digits, “.”, “_” or “-”.";
  if (rest.length === 0) return `Say which topics of the stream: “${text}/**” hears all of them.`;
  if (rest.length >= SEGMENTS_MAX) return `A pattern has at most ${SEGMENTS_MAX} segments.`;
  if (rest.slice(0, -1).includes("**")) return "“**” may only come last; “*” stands for one segment.";
  if (rest.filter((segment) => segment === "*").length > WILDCARDS_MAX) return `A pattern has at most ${WILDCARDS_MAX} “*”.`;
  for (const segment of rest) {
    const mistake = segmentMistake(segment);
    if (mistake !== null) return mistake;
  }
  return null;
}

/** A grant is a pattern, or `**` for every stream but the gateway's own. */
export function grantMistake(text: string): string | null {
  return text === "**" ? null : patternMistake(text);
}

function segmentMistake(segment: string): string | null {
  if (segment === "*" || segment === "**") return null;
  if (segment === "") return "Between two “/” stands at least one character.";
  if (segment.includes("*")) return `“*” stands alone in its segment: “${segment}” mixes it with other characters.`;
  if (/[\s\p{Cc}]/u.test(segment)) return "A segment has no spaces: in topics they are written as %20.";
  if (bytes(segment) > SEGMENT_BYTES_MAX) return `A segment has at most ${SEGMENT_BYTES_MAX} bytes.`;
  return null;
}
