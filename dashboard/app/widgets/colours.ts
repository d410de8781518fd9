// Which colour a line has, and what a token is worth on a canvas.

const LINES = 5;

/** The token of the line at this place; the rest of a split has its own. */
export function lineToken(index: number, isRest: boolean): string {
  return isRest ? "--series-other" : `--series-${(index % LINES) + 1}`;
}

/** A canvas knows no tokens: an element resolves them, `light-dark()` included. */
export function resolver(host: HTMLElement): { colour(token: string): string; done(): void } {
  const probe = document.createElement("span");
  host.append(probe);
  return {
    colour(token) {
      probe.style.color = `var(${token})`;
      return getComputedStyle(probe).color;
    },
    done: () => probe.remove(),
  };
}
