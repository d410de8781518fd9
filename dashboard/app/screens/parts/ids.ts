// Ids that tie a label to its control. Svelte's own way would cost the first page bytes that only these screens use.

let last = 0;

export function nextId(): string {
  last += 1;
  return `part-${last}`;
}
