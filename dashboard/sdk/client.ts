// The connection: when to dial, what to say on each socket, and who hears what comes back. One client holds
// one socket at a time; its subscriptions outlive every socket. (SSE, `latestMs` and the token's refresh
// at 80 % of its life belong here and in files beside `socket.ts`; this cut does not have them.)
//
//   idle → connecting → live → waiting → connecting …      closed: by `close()`, or told to stay away
//             ↑___________________|  suspended: the system says that there is no network, or the page is left

import { delayMs, staysAway } from "./backoff.ts";
import { HookcastError, UnauthorizedError } from "./errors.ts";
import { iterate } from "./iterate.ts";
import { Socket } from "./socket.ts";
import { Subscription, type Gap, type Listener, type Message, type Positions } from "./subscription.ts";
import { browserSignals, type Signal, type Undo, type WakeSource } from "./wake.ts";
import { ping, retryMs, subscribe, unsubscribe, type ServerMessage, type Since } from "./wire.ts";

export interface Options {
  /** Asked before each attempt. */
  url: string | (() => string | Promise<string>);
  /** Asked before each attempt; null connects without a token. Throw `UnauthorizedError` to stop. */
  getToken?: (why: "connect") => string | null | Promise<string | null>;
  /** For Node below 22. */
  WebSocket?: typeof WebSocket;
  /** What wakes the client; by default a browser's signals where there are any. */
  wake?: WakeSource;
}

export interface How {
  since?: Since;
}

export type State =
  | { is: "idle" }
  | { is: "connecting"; attempt: number }
  /** `catchingUp`: subscriptions not live yet. `stale`: streams the gateway itself has lost touch with. */
  | { is: "live"; via: "ws"; catchingUp: number; stale: string[] }
  /** `until`: by this machine's clock, ms. */
  | { is: "waiting"; until: number; cause: HookcastError }
  | { is: "suspended"; why: "hidden" | "offline" }
  | { is: "closed"; cause?: HookcastError };

export interface Client {
  readonly state: State;
  onState(listener: (state: State) => void): Undo;
  subscribe<T = unknown>(pattern: string, listener: Listener<T>, how?: How): Undo;
  events<T = unknown>(pattern: string, how?: How & { signal?: AbortSignal }): AsyncIterable<Message<T> | Gap>;
  /** Where each stream would be resumed: the lowest of its subscriptions. */
  positions(): Positions;
  /** The gateway's time, ms. */
  now(): number;
  open(): void;
  close(): void;
}

/** Dials at the first subscription. */
export function connect(options: Options): Client {
  return new HookcastClient(options);
}

/** Live for this long, the connection counts as good again and the next retry is a quick one. */
const STABLE_MS = 10_000;
/** For `url` and `getToken` together. */
const ASK_MS = 10_000;
const PONG_MS = 2_000;
/** The system may be wrong about having no network, so even then the client looks now and then. */
const OFFLINE_RETRY_MS = 20_000;
/** A page that swaps one subscription for another keeps its socket. */
const LINGER_MS = 5_000;
/** Refusals of a subscription that pass by themselves. */
const PASSING = new Set(["unavailable", "rate_limited"]);

class HookcastClient implements Client {
  #state: State = { is: "idle" };
  #stateListeners = new Set<(state: State) => void>();
  #subscriptions = new Map<string, Subscription>();
  #nextId = 1;
  #socket: Socket | null = null;
  #attempt = 0;
  /** Whoever awaits holds the number it began with; another number means that it was given up. */
  #dialling = 0;
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #stopWaking: Undo | null = null;
  #isOffline = false;
  #stale: string[] = [];
  #skewMs = 0;

  constructor(private options: Options) {}

  get state(): State {
    return this.#state;
  }

  onState(listener: (state: State) => void): Undo {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  subscribe<T = unknown>(pattern: string, listener: Listener<T>, how: How = {}): Undo {
    const id = String(this.#nextId++);
    const subscription = new Subscription(id, pattern, listener, how.since ?? "now");
    this.#subscriptions.set(id, subscription);
    this.#clear("linger");
    if (this.#state.is === "idle") this.#dial();
    else this.#ask(subscription);
    this.#showLive();
    return () => this.#leave(subscription);
  }

  events<T = unknown>(pattern: string, how: How & { signal?: AbortSignal } = {}): AsyncIterable<Message<T> | Gap> {
    return iterate<T>((listener) => this.subscribe(pattern, listener, how), how.signal);
  }

  positions(): Positions {
    const lowest = new Map<string, Subscription>();
    for (const each of this.#subscriptions.values()) {
      const other = lowest.get(each.stream);
      if (each.position !== null && (!other || each.offset < other.offset)) lowest.set(each.stream, each);
    }
    return Object.fromEntries([...lowest].map(([stream, { position }]) => [stream, position ?? ""]));
  }

  now(): number {
    return Date.now() + this.#skewMs;
  }

  /** Comes back after `close()` or after having been told to stay away, and resumes every subscription. */
  open(): void {
    if (this.#state.is !== "closed") return;
    this.#attempt = 0;
    if (this.#subscriptions.size > 0) this.#dial();
    else this.#become({ is: "idle" });
  }

  close(): void {
    this.#stop({ is: "closed" });
  }

  #leave(subscription: Subscription): void {
    if (!this.#subscriptions.delete(subscription.id)) return;
    this.#clear(`ask ${subscription.id}`);
    if (subscription.phase !== "ended") this.#socket?.send(unsubscribe(subscription.id));
    subscription.phase = "ended";
    this.#showLive();
    if (this.#subscriptions.size === 0 && this.#state.is !== "closed") this.#after("linger", LINGER_MS, () => this.#stop({ is: "idle" }));
  }

  #dial(): void {
    this.#clear("retry");
    this.#stopWaking ??= (this.options.wake ?? browserSignals)((signal) => this.#hearSignal(signal));
    const mine = ++this.#dialling;
    this.#become({ is: "connecting", attempt: this.#attempt });
    this.#after("dial", ASK_MS, () => this.#fail(new HookcastError("timeout", "url or token did not come within 10 s"), ""));
    this.#address().then(
      ([url, token]) => mine === this.#dialling && this.#open(url, token),
      (error: unknown) => mine === this.#dialling && this.#cannotDial(error),
    );
  }

  async #address(): Promise<[string, string | null]> {
    const { url, getToken } = this.options;
    return [typeof url === "string" ? url : await url(), (await getToken?.("connect")) ?? null];
  }

  #open(url: string, token: string | null): void {
    this.#clear("dial");
    for (const subscription of this.#subscriptions.values()) if (subscription.phase !== "ended") subscription.phase = "asked";
    try {
      this.#socket = new Socket(this.options.WebSocket ?? WebSocket, url, token, {
        open: () => [...this.#subscriptions.values()].filter((each) => each.phase !== "ended").map(asking),
        message: (message) => this.#hear(message),
        end: (error, reason) => this.#fail(error, reason),
      });
    } catch (error) {
      this.#cannotDial(error);
    }
  }

  #cannotDial(error: unknown): void {
    const cause = new HookcastError(error instanceof UnauthorizedError ? "token" : "network", String(error));
    if (error instanceof UnauthorizedError) this.#stop({ is: "closed", cause });
    else this.#fail(cause, "");
  }

  #fail(cause: HookcastError, reason: string): void {
    this.#drop();
    if (cause.closeCode !== null && staysAway(cause.closeCode)) return this.#stop({ is: "closed", cause });
    const wait = this.#isOffline ? OFFLINE_RETRY_MS : delayMs(this.#attempt, Math.random(), retryMs(reason));
    this.#attempt += 1;
    this.#become(this.#isOffline ? { is: "suspended", why: "offline" } : { is: "waiting", until: Date.now() + wait, cause });
    this.#after("retry", wait, () => this.#dial());
  }

  #drop(): void {
    this.#dialling += 1;
    this.#clear("dial");
    this.#clear("stable");
    this.#socket?.drop();
    this.#socket = null;
    this.#stale = [];
  }

  #stop(state: State): void {
    this.#drop();
    for (const name of [...this.#timers.keys()]) this.#clear(name);
    this.#stopWaking?.();
    this.#stopWaking = null;
    this.#become(state);
  }

  #hearSignal(signal: Signal): void {
    const { is } = this.#state;
    this.#isOffline = signal === "offline";
    if (signal === "leave") {
      this.#drop();
      this.#clear("retry");
      this.#become({ is: "suspended", why: "hidden" });
    } else if (signal === "offline") {
      if (is === "waiting") this.#become({ is: "suspended", why: "offline" });
    } else if (is === "waiting" || is === "suspended") {
      this.#dial();
    } else if (is === "live") {
      this.#socket?.send(ping());
      this.#socket?.expectWithin(PONG_MS);
    }
  }

  #hear(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.#setClock(message.time);
        this.#after("stable", STABLE_MS, () => (this.#attempt = 0));
        this.#become({ is: "live", via: "ws", catchingUp: this.#catchingUp(), stale: this.#stale });
        break;
      case "events":
        for (const each of this.#addressed(message.id)) each.takes(message.events, message.id !== null);
        break;
      case "gap": {
        const { stream, from, to, reason, position } = message;
        for (const each of this.#addressed(message.id)) {
          if (message.id !== null || (each.phase === "live" && each.stream === stream)) each.misses({ stream, from, to, reason }, position);
        }
        break;
      }
      case "positions":
        this.#setClock(message.time);
        this.#heartbeat(message.positions);
        break;
      case "subscribed":
        this.#subscriptions.get(message.id)?.begins(message.position);
        break;
      case "live": {
        const subscription = this.#subscriptions.get(message.id);
        subscription?.goesLive(message.position);
        subscription?.listener.ready?.(this.positions());
        break;
      }
      case "unsubscribed":
        this.#refuse(message.id, message.code ?? "unsubscribed", "the gateway ended this subscription");
        break;
      case "error":
        if (message.id !== null) this.#refuse(message.id, message.code, message.message);
        break;
    }
    this.#showLive();
  }

  #addressed(id: string | null): Subscription[] {
    if (id === null) return [...this.#subscriptions.values()];
    const subscription = this.#subscriptions.get(id);
    return subscription ? [subscription] : [];
  }

  #heartbeat(positions: Map<string, string>): void {
    const stale = new Set<string>();
    for (const each of this.#subscriptions.values()) {
      const position = positions.get(each.stream);
      if (each.phase !== "live") continue;
      if (position === undefined) stale.add(each.stream);
      else each.moves(position);
    }
    this.#stale = [...stale];
  }

  #refuse(id: string, code: string, text: string): void {
    const subscription = this.#subscriptions.get(id);
    if (!subscription || subscription.phase === "ended") return;
    if (code === "bad_position" && subscription.position !== null) {
      subscription.losesPlace();
      this.#ask(subscription);
    } else if (PASSING.has(code)) {
      subscription.phase = "asked";
      this.#after(`ask ${id}`, delayMs(subscription.refusals++, Math.random(), 500), () => this.#ask(subscription));
    } else if (code !== "unknown_id") {
      subscription.phase = "ended";
      subscription.listener.error?.(new HookcastError(code, text));
    }
  }

  #ask(subscription: Subscription): void {
    this.#socket?.send(asking(subscription));
  }

  #catchingUp(): number {
    return [...this.#subscriptions.values()].filter(({ phase }) => phase === "asked" || phase === "catching").length;
  }

  #showLive(): void {
    if (this.#state.is === "live") this.#become({ is: "live", via: "ws", catchingUp: this.#catchingUp(), stale: this.#stale });
  }

  #setClock(time: number | null): void {
    if (time !== null) this.#skewMs = time - Date.now();
  }

  #become(state: State): void {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    for (const listener of [...this.#stateListeners]) listener(state);
  }

  #after(name: string, ms: number, then: () => void): void {
    this.#clear(name);
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name);
        then();
      }, ms),
    );
  }

  #clear(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}

function asking(subscription: Subscription): string {
  return subscribe(subscription.id, subscription.pattern, subscription.resumesFrom);
}
