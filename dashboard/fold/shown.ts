// What a value of a payload looks like as text: cut, in one piece, and unable to turn the words around it. Pure.
// The attacks: a string of a megabyte in every row; objects nested so deep that writing them out overflows the stack; controls
// (U+202A to U+202E, U+2066 to U+2069) that make "refused" read as "desufer", or carry a name over into its neighbour.

const TEXT_MAX = 240;
/** Of a table or list more is never seen. */
const DEPTH_MAX = 6;

const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;
/** Line ends and other controls take room and say nothing. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
const ODD = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/;
/** Hebrew, Arabic and their neighbours, and their presentation forms. */
const FROM_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;
const ISOLATE = "\u2068";
const POP = "\u2069";

/**
 * "alone" has a place of its own on the page; "among others" stands inside a sentence, where a name written from the right
 * must not reorder the numbers beside it; "as it is" was made of such pieces.
 */
export function shown(text: string, place: "alone" | "among others" | "as it is" = "alone"): string {
  const short = cut(text);
  if (place === "as it is") return short;
  const plain = ODD.test(short) ? short.replace(TURNING, "").replace(CONTROLS, " ").toWellFormed() : short;
  return place === "among others" && FROM_RIGHT.test(plain) ? `${ISOLATE}${plain}${POP}` : plain;
}

/** A value in words, no longer than what is shown of it. */
export function told(value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (typeof value === "string") return value;
  if (typeof value !== "object") return String(value);
  const written: string[] = [];
  write(value, written, TEXT_MAX + 1, 0);
  return written.join("");
}

/** As JSON, until the room is used up; answers what is left of it. */
function write(value: unknown, into: string[], room: number, depth: number): number {
  const put = (text: string, left: number) => {
    into.push(text);
    return left - text.length;
  };
  if (typeof value !== "object" || value === null) return put(typeof value === "string" ? JSON.stringify(cut(value)) : String(value), room);
  if (depth >= DEPTH_MAX) return put(Array.isArray(value) ? "[…]" : "{…}", room);
  if (Array.isArray(value)) {
    let left = put("[", room);
    for (let at = 0; at < value.length && left > 0; at += 1) left = write(value[at], into, at > 0 ? put(",", left) : left, depth + 1);
    return put("]", left);
  }
  let left = put("{", room);
  let comma = "";
  for (const key in value) {
    if (left <= 0) break;
    if (!Object.hasOwn(value, key)) continue;
    left = put(`${comma}${JSON.stringify(cut(key))}:`, left);
    comma = ",";
    left = write(Object.getOwnPropertyDescriptor(value, key)?.value, into, left, depth + 1);
  }
  return put("}", left);
}

function cut(text: string): string {
  if (text.length <= TEXT_MAX) return text;
  // A slice would keep the whole megabyte alive behind it: joined pieces are a string of their own.
  return [...text.slice(0, TEXT_MAX - 1)].join("").toWellFormed().concat("…");
}
