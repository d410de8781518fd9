// Text looked for in payloads: only the gateway has those, so it is asked, and asked again when more has come. What it
// cannot do is said and never taken for "nothing found".

import { read } from "../../fold/pointer.ts";
import { ask, Problem } from "./gateway.ts";
import type { LiveReports } from "./reports.svelte.ts";

const LIMIT = 1_000;
/** While somebody types, and between two questions while deliveries come. */
const TYPING_MS = 300;
const AGAIN_MS = 2_000;

export type TextState =
  | { is: "off" }
  | { is: "asking" }
  | { is: "found"; ids: ReadonlySet<string>; at: number; isAll: boolean }
  | { is: "unsupported" }
  | { is: "failed"; says: string };

export class TextSearch {
  state = $state.raw<TextState>({ is: "off" });
  #text = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private live: LiveReports) {}

  /** What has been found, null while that is not known. */
  get ids(): ReadonlySet<string> | null {
    return this.state.is === "found" ? this.state.ids : null;
  }

  look(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#later(text === "" ? 0 : TYPING_MS);
    this.state = text === "" ? { is: "off" } : { is: "asking" };
  }

  /** More deliveries have come. */
  again(): void {
    if (this.#text !== "" && this.#timer === undefined && this.state.is !== "unsupported") this.#later(AGAIN_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#text = "";
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), ms);
  }

  async #ask(): Promise<void> {
    const text = this.#text;
    const next = text === "" ? { is: "off" as const } : await this.#answer(text);
    if (text !== this.#text) return;
    this.#timer = undefined;
    this.state = next;
  }

  async #answer(text: string): Promise<TextState> {
    try {
      const at = this.live.session.client.now();
      const answer = await ask(this.live.session.pass, `/api/v1/deliveries?${new URLSearchParams({ text, limit: String(LIMIT) })}`);
      return { is: "found", ids: this.live.takeKept(answer), at, isAll: read(answer, "/more") !== true };
    } catch (error) {
      // A gateway of before does not know the question.
      if (error instanceof Problem && error.code === "bad_query" && error.detail.includes("unknown field")) return { is: "unsupported" };
      return { is: "failed", says: error instanceof Error ? error.message : String(error) };
    }
  }
}
