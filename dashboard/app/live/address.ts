// What the address says: the screen, its choices in the query, and a token or a link's key in the fragment, which no server ever
// sees. Pure; the place that follows it is place.svelte.ts.

import { parseDuration } from "../../fold/board.ts";

export interface Address {
  /** The path's parts behind the host, decoded: `["board", "ops"]`, `["events", "…"]`. */
  path: readonly string[];
  query: URLSearchParams;
  board: string;
  rangeMs: number | null;
  isKiosk: boolean;
  /** A transparent page for OBS, without frames. */
  isOverlay: boolean;
  /** A kiosk's boards, one after the other. */
  rotation: { boards: readonly string[]; everyMs: number } | null;
  token: string | null;
  /** A viewer's link: it is changed for tokens, and stays in the address, so that a wall never shows a login. */
  key: string | null;
}

const MINUTE_MS = 60_000;
const ROTATE_MS = 30_000;
/** Quicker than this nobody could read. */
const ROTATE_MIN_MS = 2_000;
const BOARDS_MAX = 64;

export const RANGES = [
  { label: "1m", name: "1 minute", ms: MINUTE_MS },
  { label: "5m", name: "5 minutes", ms: 5 * MINUTE_MS },
  { label: "15m", name: "15 minutes", ms: 15 * MINUTE_MS },
  { label: "1h", name: "1 hour", ms: 60 * MINUTE_MS },
  { label: "6h", name: "6 hours", ms: 360 * MINUTE_MS },
  { label: "24h", name: "24 hours", ms: 1_440 * MINUTE_MS },
];

export function readAddress(at: Pick<Location, "pathname" | "search" | "hash">): Address {
  const query = new URLSearchParams(at.search);
  const fragment = new URLSearchParams(at.hash.slice(1));
  const path = at.pathname.split("/").filter(Boolean).map(decoded);
  const boards = (query.get("boards") ?? "").split(",").filter(Boolean).slice(0, BOARDS_MAX);
  return {
    path,
    query,
    board: path[0] === "board" ? (path[1] ?? "home") : (fragment.get("board") ?? boards[0] ?? "home"),
    rangeMs: RANGES.find(({ label }) => label === query.get("range"))?.ms ?? null,
    isKiosk: query.has("kiosk") || query.has("overlay"),
    isOverlay: query.has("overlay"),
    rotation: boards.length < 2 ? null : { boards, everyMs: Math.max(ROTATE_MIN_MS, parseDuration(query.get("rotate")) ?? ROTATE_MS) },
    token: fragment.get("token"),
    key: fragment.get("key"),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
