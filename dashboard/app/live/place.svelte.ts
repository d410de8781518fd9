// Where the page is: the address as state, and the ways to change it without a new page. A screen's filter, range and selection live
// in the query, so that whatever is seen can be sent to somebody else.

import { readAddress } from "./address.ts";

class Place {
  at = $state.raw(readAddress(location));
  /** Whoever has something unsaved may keep the page here; it is told where to, and says whether it does. */
  guard: ((path: string) => boolean) | null = null;

  /** Another screen, as a step that "back" undoes; the fragment with the token goes along. */
  go(path: string): void {
    if (this.guard?.(path)) return;
    history.pushState(null, "", href(path));
    this.follow();
  }

  /** A choice of this screen; null takes it out. No step of its own: "back" leaves the screen. */
  choose(key: string, value: string | null): void {
    const url = new URL(location.href);
    if (value === null) url.searchParams.delete(key);
    else url.searchParams.set(key, value);
    history.replaceState(null, "", url);
    this.follow();
  }

  /** Reads the address anew: somebody else changed it. */
  follow(): void {
    this.at = readAddress(location);
  }
}

export const place = new Place();

/** For an `<a href>`: with the fragment, so that a new tab is signed in too. */
export function href(path: string): string {
  return path.includes("#") ? path : path + location.hash;
}

/** Follows a link of our own without a new page, unless it is meant for another tab. */
export function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target !== "" || link.hasAttribute("download") || link.origin !== location.origin || link.pathname.startsWith("/api/")) return;
  event.preventDefault();
  place.go(link.pathname + link.search + (link.hash || location.hash));
}
