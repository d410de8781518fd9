// When to try again. Pure: the caller brings the randomness, so that a test can bring its own.

const FIRST_MS = 500;
const CAP_MS = 20_000;
/** No gateway can park a page for longer than this, whatever its close reason says. */
const FLOOR_CAP_MS = 300_000;

/**
 * Full jitter: anywhere between nothing and a ceiling that doubles from 0.5 s to 20 s, so that ten thousand
 * pages that lost the same node do not come back in the same instant. `floorMs` is what the gateway asked for.
 */
export function delayMs(attempt: number, random: number, floorMs: number): number {
  const ceiling = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(Math.min(FLOOR_CAP_MS, floorMs) + random * ceiling);
}

/** Codes 4500–4999 say: stay away until your code or your token changes. All others, known or not, come back. */
export function staysAway(code: number): boolean {
  return code >= 4500 && code <= 4999;
}

/** Codes that a gateway says, and nothing between it and us: the connection got through, whatever was refused on it. */
export function isOurs(code: number | null): boolean {
  return code !== null && (code >= 4000 || code === 1001 || code === 1012 || code === 1013);
}
