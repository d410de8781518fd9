// One connection from dial to end: its deadlines, and the promise that it ends once. A connection that was given up
// is orphaned: whatever it still says reaches nobody. How frames travel is a `Dial`: a WebSocket here, others beside.

import { HookcastError } from "./errors.ts";
import { auth, parse, type ServerMessage } from "./wire.ts";

/** From dial to `welcome`: a port that accepts but never answers must not hold the page. */
const WELCOME_MS = 5_000;
/** Silence beyond a heartbeat by this much means that the other side is gone. */
const SILENCE_GRACE_MS = 10_000;
const ANSWER_MS = 2_000;

/** Ends that a person can do something about. A browser says no more than 1006 of a handshake that was refused. */
const SAID: Record<number, string> = {
  1006: "no connection to the gateway: does it run, and does it list this page's origin? (1006)",
  4000: "the token has ended (4000)",
  4501: "the gateway does not take this token (4501)",
};

/** What a transport tells of one connection: `open` once, frames, `end` once. */
export interface Heard {
  open(): void;
  frame(text: string): void;
  end(code: number, reason: string): void;
}

/** A connection as the SDK needs it. What is sent before `open` or after the end is lost. */
export interface Pipe {
  send(frame: string): void;
  close(): void;
}

export type Dial = (url: string, heard: Heard) => Pipe;

/** `wss://host/ws` is `https://host/sse`. */
export function beside(socket: string, name: string): URL {
  return new URL(socket.replace(/^ws/, "http").replace(/[^/]*$/, name));
}

/** Does a gateway answer there at all? A page of another origin may not read what it says, only that it says something. */
export function answers(socket: string): Promise<boolean> {
  return fetch(beside(socket, "livez"), { mode: "no-cors", signal: AbortSignal.timeout(ANSWER_MS) }).then(
    () => true,
    () => false,
  );
}

export function overWebSocket(Make: typeof WebSocket): Dial {
  return (url, heard) => {
    const socket = new Make(url, "hookcast.v1");
    socket.onopen = () => heard.open();
    socket.onmessage = ({ data }: { data: unknown }) => typeof data === "string" && heard.frame(data);
    socket.onclose = ({ code, reason }) => heard.end(code, reason);
    // An error event says nothing; the close event that follows carries the code.
    socket.onerror = () => undefined;
    return {
      send: (frame) => socket.readyState === 1 && socket.send(frame),
      close: () => socket.close(1000),
    };
  };
}

export interface SocketEvents {
  /** The connection is open; what is returned goes out behind `auth`, in one go. */
  open(): string[];
  message(message: ServerMessage): void;
  end(error: HookcastError, reason: string): void;
}

export class Socket {
  /** The gateway answered: whatever ends this connection, it was not that none gets through. */
  isWelcome = false;
  #pipe: Pipe;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer goes off, and when something must have come: each message moves only the second, for a timer costs more than a message. */
  #wakesAt = Infinity;
  #deadline = Infinity;
  #otherwise = "";
  #silenceMs = WELCOME_MS;
  #over = false;

  constructor(
    dial: Dial,
    url: string,
    token: string | null,
    private events: SocketEvents,
  ) {
    this.#expectWithin(WELCOME_MS, "no welcome from the gateway within 5 s");
    try {
      this.#pipe = dial(url, {
        open: () => {
          if (this.#over) return;
          if (token !== null) this.send(auth(token));
          events.open().forEach((frame) => this.send(frame));
        },
        frame: (text) => this.#hears(text),
        end: (code, reason) => this.#end(new HookcastError("closed", SAID[code] ?? `the gateway closed the connection (${code})`, code), reason),
      });
    } catch (error) {
      clearTimeout(this.#timer);
      throw error;
    }
  }

  send(frame: string): void {
    this.#pipe.send(frame);
  }

  /** Something must come within this time, or the connection counts as lost. */
  expectWithin(ms: number): void {
    this.#expectWithin(ms, `no answer within ${ms / 1000} s`);
  }

  /** Given up by us: nobody is told. */
  drop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#pipe.close();
  }

  #hears(text: string): void {
    if (this.#over) return;
    const message = parse(text);
    if (message?.type === "welcome") {
      this.isWelcome = true;
      this.#silenceMs = message.heartbeatMs + SILENCE_GRACE_MS;
    }
    // Until `welcome` only the first deadline counts, whatever else comes.
    if (this.isWelcome) this.#expectWithin(this.#silenceMs, "the gateway fell silent");
    if (message) this.events.message(message);
  }

  #expectWithin(ms: number, otherwise: string): void {
    const now = performance.now();
    this.#deadline = now + ms;
    this.#otherwise = otherwise;
    if (this.#deadline < this.#wakesAt) this.#wakeAfter(ms, now);
  }

  #wakeAfter(ms: number, now: number): void {
    clearTimeout(this.#timer);
    this.#wakesAt = now + ms;
    this.#timer = setTimeout(() => {
      const then = performance.now();
      const left = this.#deadline - then;
      this.#wakesAt = Infinity;
      // A timer may come a fraction of a millisecond early.
      if (left > 1) this.#wakeAfter(left, then);
      else this.#end(new HookcastError("timeout", this.#otherwise), "");
    }, ms);
  }

  #end(error: HookcastError, reason: string): void {
    if (this.#over) return;
    this.drop();
    this.events.end(error, reason);
  }
}
