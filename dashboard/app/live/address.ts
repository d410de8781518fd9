// What the address says: the board, the range, the kiosk, and a token or a link's key in the fragment, which no server ever sees.

export interface Address {
  board: string;
  rangeMs: number | null;
  isKiosk: boolean;
  token: string | null;
  /** A viewer's link: it is changed for tokens, and stays in the address, so that a wall never shows a login. */
  key: string | null;
}

const MINUTE_MS = 60_000;

export const RANGES = [
  { label: "1m", name: "1 minute", ms: MINUTE_MS },
  { label: "5m", name: "5 minutes", ms: 5 * MINUTE_MS },
  { label: "15m", name: "15 minutes", ms: 15 * MINUTE_MS },
  { label: "1h", name: "1 hour", ms: 60 * MINUTE_MS },
];

export function readAddress(at: Location): Address {
  const query = new URLSearchParams(at.search);
  const fragment = new URLSearchParams(at.hash.slice(1));
  const named = /^\/board\/([^/]+)\/?$/.exec(at.pathname)?.[1];
  return {
    board: named === undefined ? (fragment.get("board") ?? "home") : decoded(named),
    rangeMs: RANGES.find(({ label }) => label === query.get("range"))?.ms ?? null,
    isKiosk: query.has("kiosk"),
    token: fragment.get("token"),
    key: fragment.get("key"),
  };
}

/** Puts a choice into the address without a new page; null takes it out. */
export function writeQuery(key: string, value: string | null): void {
  const url = new URL(location.href);
  if (value === null) url.searchParams.delete(key);
  else url.searchParams.set(key, value);
  history.replaceState(null, "", url);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
