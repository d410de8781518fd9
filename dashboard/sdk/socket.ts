// One socket from dial to end: its deadlines, and the promise that it ends once. A socket that was given up
// is orphaned: whatever it still says reaches nobody. Another transport would be a second file like this one.

import { HookcastError } from "./errors.ts";
import { auth, parse, type ServerMessage } from "./wire.ts";

/** From dial to `welcome`: a port that accepts but never answers must not hold the page. */
const WELCOME_MS = 5_000;
/** Silence beyond a heartbeat by this much means that the other side is gone. */
const SILENCE_GRACE_MS = 10_000;

export interface SocketEvents {
  /** The socket is open; what is returned goes out behind `auth`, in one go. */
  open(): string[];
  message(message: ServerMessage): void;
  end(error: HookcastError, reason: string): void;
}

export class Socket {
  #socket: WebSocket;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silenceMs = WELCOME_MS;
  #over = false;

  constructor(
    Make: typeof WebSocket,
    url: string,
    token: string | null,
    private events: SocketEvents,
  ) {
    this.#socket = new Make(url, "hookcast.v1");
    this.#expectWithin(WELCOME_MS, "no welcome from the gateway within 5 s");
    this.#socket.onopen = () => {
      if (this.#over) return;
      if (token !== null) this.#socket.send(auth(token));
      for (const frame of events.open()) this.#socket.send(frame);
    };
    this.#socket.onmessage = ({ data }) => this.#hears(data);
    this.#socket.onclose = ({ code, reason }) => this.#end(new HookcastError("closed", `the gateway closed the connection (${code})`, code), reason);
    // An error event says nothing; the close event that follows carries the code.
    this.#socket.onerror = () => undefined;
  }

  send(frame: string): void {
    if (this.#socket.readyState === 1) this.#socket.send(frame);
  }

  /** Something must come within this time, or the connection counts as lost. */
  expectWithin(ms: number): void {
    this.#expectWithin(ms, `no answer within ${ms / 1000} s`);
  }

  /** Given up by us: nobody is told. */
  drop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket.close(1000);
  }

  #hears(data: unknown): void {
    if (this.#over || typeof data !== "string") return;
    const message = parse(data);
    if (message?.type === "welcome") this.#silenceMs = message.heartbeatMs + SILENCE_GRACE_MS;
    // Until `welcome` only the first deadline counts, whatever else comes.
    if (this.#silenceMs !== WELCOME_MS) this.#expectWithin(this.#silenceMs, "the gateway fell silent");
    if (message) this.events.message(message);
  }

  #expectWithin(ms: number, otherwise: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(new HookcastError("timeout", otherwise), ""), ms);
  }

  #end(error: HookcastError, reason: string): void {
    if (this.#over) return;
    this.drop();
    this.events.end(error, reason);
  }
}
