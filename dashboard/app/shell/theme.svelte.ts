// The theme: auto follows the system, light and dark are kept for the next visit. `?theme=` wins for a wall.

export type Theme = "auto" | "light" | "dark";

const ORDER: Theme[] = ["auto", "light", "dark"];
const KEY = "hookcast.theme";

class ThemeChoice {
  current = $state<Theme>("auto");
  #systemIsDark = $state(false);
  /** What is on the screen now: a canvas must be drawn anew when it changes. */
  isDark = $derived(this.current === "dark" || (this.current === "auto" && this.#systemIsDark));

  constructor() {
    const system = matchMedia("(prefers-color-scheme: dark)");
    this.#systemIsDark = system.matches;
    system.addEventListener("change", ({ matches }) => (this.#systemIsDark = matches));
    this.#apply(asTheme(new URLSearchParams(location.search).get("theme") ?? kept()));
  }

  next(): void {
    this.#apply(ORDER[(ORDER.indexOf(this.current) + 1) % ORDER.length] ?? "auto");
    try {
      localStorage.setItem(KEY, this.current);
    } catch {
      // A browser that keeps nothing still shows the theme until it is left.
    }
  }

  #apply(theme: Theme): void {
    this.current = theme;
    document.documentElement.dataset["theme"] = theme;
  }
}

function asTheme(text: string | null): Theme {
  return ORDER.find((theme) => theme === text) ?? "auto";
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const theme = new ThemeChoice();
