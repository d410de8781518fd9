// The screens there are: a row each. All but the board come when they are first wanted, so that a wall loads nothing it never shows.

import type { Component } from "svelte";
import type { Session } from "../live/session.svelte.ts";
import type { IconName } from "../shell/icons.ts";
import BoardScreen from "./board/BoardScreen.svelte";

export interface ScreenProps {
  session: Session;
}

export interface Screen {
  /** The path's first part; the board is `/` too. */
  name: string;
  title: string;
  /** After `g`. */
  key: string;
  icon: IconName;
  /** Only with the grant `hookcast/**`. */
  isForOperators: boolean;
  load: () => Promise<Component<ScreenProps>>;
}

export const SCREENS: readonly Screen[] = [
  { name: "board", title: "Board", key: "b", icon: "board", isForOperators: false, load: async () => BoardScreen },
  { name: "events", title: "Events", key: "e", icon: "events", isForOperators: true, load: async () => (await import("./events/EventsScreen.svelte")).default },
  { name: "sources", title: "Sources", key: "s", icon: "sources", isForOperators: true, load: async () => (await import("./sources/SourcesScreen.svelte")).default },
  { name: "topics", title: "Topics", key: "t", icon: "topics", isForOperators: true, load: async () => (await import("./topics/TopicsScreen.svelte")).default },
  { name: "connections", title: "Connections", key: "c", icon: "connections", isForOperators: true, load: async () => (await import("./connections/ConnectionsScreen.svelte")).default },
  { name: "health", title: "Health", key: "h", icon: "health", isForOperators: true, load: async () => (await import("./health/HealthScreen.svelte")).default },
];

/** The gateway answers no other path with the page: what is left is the board. */
export function screenOf(path: readonly string[]): Screen | undefined {
  return SCREENS.find(({ name }) => name === path[0]) ?? SCREENS[0];
}
