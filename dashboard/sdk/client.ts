// The connection: when to dial, what to say on each socket, and who hears what comes back. One client holds
// one socket at a time; its subscriptions outlive every socket.
//
//   idle → connecting → live → waiting → connecting …      closed: by `close()`, or told to stay away
//             ↑___________________|  suspended: no network, or the page is left or hidden for long

import { delayMs, isOurs, staysAway } from "./backoff.ts";
import { HookcastError, UnauthorizedError } from "./errors.ts";
import { iterate } from "./iterate.ts";
import type { Client, How, Options, State } from "./options.ts";
import { answers, overWebSocket, Socket, type Dial } from "./socket.ts";
import { Subscription, type Gap, type Listener, type Message, type Positions } from "./subscription.ts";
import { tell } from "./tell.ts";
import { Timers } from "./timers.ts";
import { browser, type Host, type Signal, type Undo } from "./wake.ts";
import { auth, ping, retryMs, subscribe, unsubscribe, type ServerMessage } from "./wire.ts";

/** Live for this long, the connection counts as good again and the next retry is a quick one. */
const STABLE_MS = 10_000;
/** For `url` and `getToken` together. */
const ASK_MS = 10_000;
const PONG_MS = 2_000;
/** The system may be wrong about having no network, so even then the client looks now and then. */
const OFFLINE_RETRY_MS = 20_000;
/** A page that swaps one subscription for another keeps its socket. */
const LINGER_MS = 5_000;
/** Hidden for longer, a page does not dial: nobody looks. */
const HIDDEN_MS = 30_000;
/** What `latestMs` becomes while nobody looks. */
const SLOW_MS = 2_000;
/** When the token is renewed, as a share of what is left of its life; and no sooner than this. */
const REFRESH_AT = 0.8;
const REFRESH_MIN_MS = 1_000;
/** Sockets in a row that may end without `welcome`, though a gateway answers, before another way is tried. */
const UNWELCOME_MAX = 2;
/** Refusals of a subscription that pass by themselves. */
const PASSING = new Set(["unavailable", "rate_limited"]);

export class HookcastClient implements Client {
  #state: State = { is: "idle" };
  #stateListeners = new Set<(state: State) => void>();
  #subscriptions = new Map<string, Subscription>();
  #nextId = 1;
  #socket: Socket | null = null;
  #via: "ws" | "sse" = "ws";
  #attempt = 0;
  #unwelcome = 0;
  #url = "";
  /** Whoever awaits holds the number it began with; another number means that it was given up. */
  #dialling = 0;
  #timers = new Timers();
  #stopWaking: Undo | null = null;
  #isOffline = false;
  #stale: string[] = [];
  /** When the token ends, by the gateway's clock. */
  #expires: number | null = null;
  /** The gateway's time less this machine's monotonic one; null before the gateway has told it. */
  #skewMs: number | null = null;

  constructor(
    private options: Options,
    private host: Host = browser(),
  ) {}

  get state(): State {
    return this.#state;
  }

  onState(listener: (state: State) => void): Undo {
    // A function of its own: the same listener twice is two, each with its own undo.
    const own = (state: State) => listener(state);
    this.#stateListeners.add(own);
    return () => void this.#stateListeners.delete(own);
  }

  subscribe<T = unknown>(pattern: string, listener: Listener<T>, how: How = {}): Undo {
    const id = String(this.#nextId++);
    const subscription = new Subscription(id, pattern, listener, how.since ?? "now", how.latestMs);
    this.#subscriptions.set(id, subscription);
    this.#timers.clear("linger");
    if (this.#state.is === "idle") this.#dial();
    else this.#ask(subscription);
    this.#showLive();
    return () => this.#leave(subscription);
  }

  events<T = unknown>(pattern: string, how: How & { signal?: AbortSignal } = {}): AsyncIterable<Message<T> | Gap> {
    return iterate<T>((listener) => {
      const undo = this.subscribe(pattern, listener, how);
      // Else a loop would wait for ever, and say nothing, for a client that was sent away.
      const deafen = this.onState((state) => state.is === "closed" && state.cause && listener.error?.(state.cause));
      return () => (deafen(), undo());
    }, how.signal);
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
    return this.#skewMs === null ? Date.now() : Math.round(performance.now() + this.#skewMs);
  }

  open(): void {
    if (this.#state.is !== "closed") return;
    this.#attempt = this.#unwelcome = 0;
    if (this.#subscriptions.size > 0) this.#dial();
    else this.#become({ is: "idle" });
  }

  close(): void {
    this.#stop({ is: "closed" });
  }

  #leave(subscription: Subscription): void {
    if (!this.#subscriptions.delete(subscription.id)) return;
    this.#timers.clear(`ask ${subscription.id}`);
    if (subscription.phase !== "ended") this.#socket?.send(unsubscribe(subscription.id));
    subscription.phase = "ended";
    this.#showLive();
    if (this.#subscriptions.size === 0 && this.#state.is !== "closed") this.#timers.after("linger", LINGER_MS, () => this.#stop({ is: "idle" }));
  }

  #dial(): void {
    this.#timers.clear("retry");
    this.#stopWaking ??= this.host.listen((signal) => this.#hearSignal(signal));
    if (this.options.whenHidden !== "keep" && (this.host.hiddenMs() ?? 0) > HIDDEN_MS) return this.#suspend("hidden");
    const mine = ++this.#dialling;
    this.#become({ is: "connecting", attempt: this.#attempt });
    this.#timers.after("dial", ASK_MS, () => this.#fail(new HookcastError("timeout", "url or token did not come within 10 s"), ""));
    this.#address().then(
      (address) => mine === this.#dialling && this.#open(...address),
      (error: unknown) => mine === this.#dialling && this.#cannotDial(error),
    );
  }

  async #address(): Promise<[URL, string | null, Dial]> {
    const { url, getToken } = this.options;
    const at = new URL(typeof url === "string" ? url : await url(), globalThis.location?.href);
    at.protocol = at.protocol.replace("http", "ws");
    if (at.pathname === "/") at.pathname = "/ws";
    return [at, (await getToken?.("connect")) ?? null, await this.#transport(at)];
  }

  /** Where no socket gets through though a gateway answers, something between speaks HTTP only. */
  async #transport(url: URL): Promise<Dial> {
    const { transport, shared, WebSocket: Make } = this.options;
    this.#url = url.href;
    if (transport === "sse" || this.#unwelcome >= UNWELCOME_MAX) {
      const { overSse } = await import("./sse.ts");
      this.#via = "sse";
      return overSse;
    }
    this.#via = "ws";
    if (shared && typeof SharedWorker === "function") return (await import("./shared.ts")).overShared(shared);
    return overWebSocket(Make ?? WebSocket);
  }

  #open(url: URL, token: string | null, dial: Dial): void {
    this.#timers.clear("dial");
    for (const subscription of this.#subscriptions.values()) if (subscription.phase !== "ended") subscription.phase = "asked";
    try {
      this.#socket = new Socket(dial, url.href, token, {
        open: () => [...this.#subscriptions.values()].filter((each) => each.phase !== "ended").map((each) => this.#asking(each)),
        message: (message) => this.#hear(message),
        end: (error, reason) => this.#fail(error, reason),
      });
    } catch (error) {
      this.#cannotDial(error);
    }
  }

  #cannotDial(error: unknown): void {
    if (error instanceof UnauthorizedError) this.#stop({ is: "closed", cause: new HookcastError("token", String(error)) });
    // Nothing that time mends, such as a Node without WebSocket.
    else if (error instanceof ReferenceError) this.#stop({ is: "closed", cause: new HookcastError("network", String(error)) });
    else this.#fail(new HookcastError("network", String(error)), "");
  }

  #fail(cause: HookcastError, reason: string): void {
    if (this.#socket && !this.#socket.isWelcome && !isOurs(cause.closeCode)) this.#suspectSockets();
    this.#drop();
    if (cause.closeCode !== null && staysAway(cause.closeCode)) return this.#stop({ is: "closed", cause });
    const wait = this.#isOffline ? OFFLINE_RETRY_MS : delayMs(this.#attempt, Math.random(), retryMs(reason));
    this.#attempt += 1;
    this.#become(this.#isOffline ? { is: "suspended", why: "offline" } : { is: "waiting", until: Date.now() + wait, cause });
    this.#timers.after("retry", wait, () => this.#dial());
  }

  /** It counts only if a gateway answers all the same: one that is away says nothing of sockets. */
  #suspectSockets(): void {
    if (this.options.transport === "ws" || this.#via === "sse") return;
    void answers(this.#url).then((there) => there && (this.#unwelcome += 1));
  }

  #drop(): void {
    this.#dialling += 1;
    for (const name of ["dial", "stable", "refresh"]) this.#timers.clear(name);
    this.#socket?.drop();
    this.#socket = null;
    this.#stale = [];
  }

  #suspend(why: "hidden" | "offline"): void {
    this.#drop();
    this.#timers.clear("retry");
    this.#become({ is: "suspended", why });
  }

  #stop(state: State): void {
    this.#drop();
    this.#timers.clearAll();
    this.#stopWaking?.();
    this.#stopWaking = null;
    this.#become(state);
  }

  #hearSignal(signal: Signal): void {
    const { is } = this.#state;
    if (signal === "hide") return this.#hides();
    this.#isOffline = signal === "offline";
    if (signal === "leave") return this.#suspend("hidden");
    if (this.host.hiddenMs() === null) this.#timers.clear("hidden");
    // Another network may let sockets through that the last one did not.
    if (signal === "online") this.#unwelcome = 0;
    if (is === "live") {
      this.#changePace();
      this.#socket?.send(ping());
      this.#socket?.expectWithin(PONG_MS);
    } else if (signal === "offline") {
      if (is === "waiting") this.#become({ is: "suspended", why: "offline" });
    } else if (is === "waiting" || is === "suspended") {
      this.#dial();
    }
  }

  #hides(): void {
    this.#changePace();
    if (this.options.whenHidden === "close") this.#timers.after("hidden", HIDDEN_MS, () => this.#suspend("hidden"));
  }

  /** Who asked for `latestMs` gets less while nobody looks: the same id again changes the mode alone. */
  #changePace(): void {
    for (const each of this.#subscriptions.values()) {
      if (each.phase !== "ended" && each.latestMs !== undefined && each.pace !== this.#paceOf(each)) this.#ask(each);
    }
  }

  #paceOf({ latestMs }: Subscription): number | undefined {
    const isSlow = (this.options.whenHidden ?? "slow") === "slow" && this.host.hiddenMs() !== null;
    return latestMs !== undefined && isSlow ? Math.max(SLOW_MS, latestMs) : latestMs;
  }

  #hear(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.#setClock(message.time);
        this.#welcomed(message.expires);
        break;
      case "events":
        for (const each of this.#addressed(message.id)) each.takes(message.events, message.id !== null);
        // The one message that comes in thousands, and it changes nothing of how the connection is.
        return;
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
        tell(() => subscription?.listener.ready?.(this.positions()));
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

  #welcomed(expires: number | null): void {
    this.#unwelcome = 0;
    if (this.#state.is !== "live") {
      this.#timers.after("stable", STABLE_MS, () => (this.#attempt = 0));
      this.#become({ is: "live", via: this.#via, catchingUp: this.#catchingUp(), stale: this.#stale });
    }
    this.#expires = expires;
    this.#refreshLater();
  }

  #refreshLater(): void {
    const left = (this.#expires ?? 0) - this.now();
    if (left > 0 && this.options.getToken) this.#timers.after("refresh", Math.max(REFRESH_MIN_MS, left * REFRESH_AT), () => void this.#refresh());
  }

  async #refresh(): Promise<void> {
    const mine = this.#dialling;
    // If nothing comes of it, or the gateway refuses it, the old token goes on and there is another try; a `welcome` sets the time anew.
    this.#refreshLater();
    try {
      const token = await this.options.getToken?.("refresh");
      if (token && mine === this.#dialling) this.#socket?.send(auth(token));
    } catch (error) {
      if (mine === this.#dialling && error instanceof UnauthorizedError) this.#cannotDial(error);
    }
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
      if (position !== undefined) each.hasAllTo(position);
      else if (each.phase === "live") stale.add(each.stream);
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
      this.#timers.after(`ask ${id}`, delayMs(subscription.refusals++, Math.random(), 500), () => this.#ask(subscription));
    } else if (code !== "unknown_id") {
      subscription.phase = "ended";
      tell(() => subscription.listener.error?.(new HookcastError(code, text)));
    }
  }

  #ask(subscription: Subscription): void {
    this.#socket?.send(this.#asking(subscription));
  }

  #asking(subscription: Subscription): string {
    subscription.pace = this.#paceOf(subscription);
    return subscribe(subscription.id, subscription.pattern, subscription.resumesFrom, subscription.pace);
  }

  #catchingUp(): number {
    return [...this.#subscriptions.values()].filter(({ phase }) => phase === "asked" || phase === "catching").length;
  }

  #showLive(): void {
    if (this.#state.is === "live") this.#become({ is: "live", via: this.#via, catchingUp: this.#catchingUp(), stale: this.#stale });
  }

  #setClock(time: number | null): void {
    if (time !== null) this.#skewMs = time - performance.now();
  }

  #become(state: State): void {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    for (const listener of [...this.#stateListeners]) tell(() => listener(state));
  }
}
