// How much a board may hold: whoever writes one is told, and no payload gets past.

export const BOUNDS = { buckets: 1_440, keys: 1_000, rows: 500, widgets: 64 };
