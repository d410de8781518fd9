// Finding by a few letters: names that begin so first, then words that do, then whatever holds the letters in order. Pure.

export function rank<T>(all: readonly T[], text: string, nameOf: (each: T) => string): T[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [...all];
  const scored = all.map((each) => ({ each, score: scoreOf(nameOf(each).toLowerCase(), wanted) }));
  // A stable sort keeps the list's own order among equals.
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ each }) => each);
}

function scoreOf(name: string, wanted: string): number {
  if (name.startsWith(wanted)) return 4;
  if (name.includes(` ${wanted}`)) return 3;
  if (name.includes(wanted)) return 2;
  let from = 0;
  for (const letter of wanted) {
    from = name.indexOf(letter, from) + 1;
    if (from === 0) return 0;
  }
  return 1;
}
