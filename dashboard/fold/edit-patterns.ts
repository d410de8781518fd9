// Which patterns a person may mean, made of the topics that were seen, and how many of those each hears. Pure.

export interface Offer {
  pattern: string;
  /** Of the topics that are known. */
  topics: number;
}

const OFFERS_MAX = 40;

export function offersOf(topics: readonly string[]): Offer[] {
  const counts = new Map<string, number>();
  for (const topic of new Set(topics)) for (const pattern of patternsOf(topic)) counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
  const single = (pattern: string) => !pattern.includes("*");
  return [...counts]
    .map(([pattern, count]) => ({ pattern, topics: count }))
    // A pattern with stars that hears one topic says no more than the topic does.
    .filter(({ pattern, topics: count }) => single(pattern) || count > 1 || /^[^/]+\/\*\*$/.test(pattern))
    .sort((a, b) => a.pattern.split("/").length - b.pattern.split("/").length || b.topics - a.topics || a.pattern.localeCompare(b.pattern))
    .slice(0, OFFERS_MAX);
}

/** The topic, all below each of its parts, and the same last part under others: `github/*` + `/*` + `/push`. */
function patternsOf(topic: string): string[] {
  const parts = topic.split("/");
  const below = parts.slice(0, -1).map((_, index) => `${parts.slice(0, index + 1).join("/")}/**`);
  const stars = parts.length > 2 ? [[parts[0], ...parts.slice(1, -1).map(() => "*"), parts.at(-1)].join("/")] : [];
  return [topic, ...below, ...stars];
}
