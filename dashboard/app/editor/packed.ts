// A board in an address: `#board=z.…`, its JSON deflated, in letters that an address may have. Whoever opens it may have been sent it by
// anybody, so both its length and what it unfolds to are bounded, and what comes out is read as any hostile board is. What the gateway
// says beside a board (which source to test, a `curl` line to paste) is not taken from a stranger.

import type { BoardFile } from "../live/board-file.ts";

/** Of the address; a browser takes more, a chat does not. */
const PACKED_MAX = 16_384;
/** As much as the gateway takes for a board. A kilobyte can unfold to a megabyte. */
const JSON_BYTES_MAX = 262_144;
const MARK = "z.";
/** The keys of a board's file. */
const OWN = ["title", "range", "widget"];

/** Null where the board is too large for an address. */
export async function pack(body: unknown): Promise<string | null> {
  const bytes = await through(new Blob([JSON.stringify(body)]).stream().pipeThrough(new CompressionStream("deflate-raw")), PACKED_MAX);
  if (!bytes) return null;
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  const packed = MARK + btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return packed.length > PACKED_MAX ? null : packed;
}

export async function openPacked(packed: string): Promise<BoardFile> {
  const board = new Map<string, unknown>(Object.entries(Object(await unpack(packed))));
  const json = Object.fromEntries(OWN.map((key) => [key, board.get(key)]).filter(([, value]) => value !== undefined));
  return { name: packed, json, revision: null, from: "address" };
}

async function unpack(packed: string): Promise<unknown> {
  if (packed.length > PACKED_MAX) throw new Error(`the board in this address is longer than ${PACKED_MAX} letters`);
  try {
    const text = atob(packed.slice(MARK.length).replaceAll("-", "+").replaceAll("_", "/"));
    const packedBytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const bytes = await through(new Blob([packedBytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")), JSON_BYTES_MAX);
    if (bytes) return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Error("the board in this address is damaged: copy the whole link");
  }
  throw new Error(`the board in this address unfolds to more than ${JSON_BYTES_MAX} bytes`);
}

/** All bytes; null as soon as there are more than so many. */
async function through(stream: ReadableStream<Uint8Array<ArrayBuffer>>, max: number): Promise<Uint8Array | null> {
  const reader = stream.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > max) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
