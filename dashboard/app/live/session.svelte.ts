// Who looks at the page, and its one connection, which all screens share. What a screen shows is as old as this connection says.

import { connect, type Client, type State } from "../../sdk/index.ts";
import type { Pass } from "./gateway.ts";
import { grantsOperator } from "./token.ts";

/** Values turn grey only after this: a quick reconnect should not flash. */
const GREY_AFTER_MS = 2_000;

export class Session {
  readonly client: Client;
  connection = $state.raw<State>({ is: "idle" });
  /** The gateway's time, ms; ticks once a second. */
  now = $state(Date.now());
  /** When the connection was lost, by the gateway's clock. */
  lostAt = $state<number | null>(null);
  isGrey = $state(false);
  /** Whether the screens beside the boards are for this person; the gateway judges for itself. */
  isOperator = $state(false);
  #undos: (() => void)[] = [];
  #boardListeners = new Set<(name: string, revision: string | null) => void>();

  constructor(
    readonly pass: Pass,
    isKiosk: boolean,
  ) {
    this.client = connect({
      url: socketUrl(),
      getToken: async (why) => this.#see(why === "refresh" ? await pass.renew() : await pass.token()),
      // Nobody looks at a wall's tab list: it goes on whatever its browser believes.
      whenHidden: isKiosk ? "keep" : "slow",
    });
    this.isOperator = grantsOperator(pass.given);
  }

  start(): void {
    this.#undos.push(this.client.onState((state) => this.#follow(state)));
    const timer = setInterval(() => this.#tick(), 1_000);
    this.#undos.push(() => clearInterval(timer));
    // Any grant brings it, so whatever the screen the connection is there, and its state is true.
    this.#undos.push(this.client.subscribe("hookcast/board/*", { event: ({ event }) => this.#tellBoard(event.data) }));
  }

  /** Told whenever a board was saved (with its revision) or removed (null), by whomever. */
  onBoard(listener: (name: string, revision: string | null) => void): () => void {
    this.#boardListeners.add(listener);
    return () => this.#boardListeners.delete(listener);
  }

  #tellBoard(data: unknown): void {
    const said = new Map<string, unknown>(typeof data === "object" && data !== null ? Object.entries(data) : []);
    const [name, revision] = [said.get("name"), said.get("revision")];
    if (typeof name !== "string") return;
    for (const listener of this.#boardListeners) listener(name, typeof revision === "string" ? revision : null);
  }

  stop(): void {
    for (const undo of this.#undos) undo();
    this.client.close();
  }

  #see(token: string | null): string | null {
    this.isOperator = grantsOperator(token);
    return token;
  }

  #tick(): void {
    this.now = this.client.now();
    this.isGrey = this.lostAt !== null && this.now - this.lostAt >= GREY_AFTER_MS;
  }

  #follow(state: State): void {
    const isLive = state.is === "live";
    if (!isLive && this.connection.is === "live") this.lostAt ??= this.client.now();
    // Grey until what was missed is here: before that the values are still those of the loss.
    if (isLive && state.catchingUp === 0) {
      this.lostAt = null;
      this.isGrey = false;
      this.now = this.client.now();
    }
    this.connection = state;
  }
}

function socketUrl(): string {
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.hash = "";
  return url.href;
}
