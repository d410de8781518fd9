// Watches a widget's levels: says which holds, and sounds and notifies once where one was crossed live.

import { levelsAt } from "../../fold/fold.ts";
import { ASLEEP, gravest, step, type Level } from "../../fold/level.ts";
import type { LiveBoard, LiveWidget } from "../live/board.svelte.ts";
import { levelWords } from "../shell/words.ts";
import { notices } from "./notices.svelte.ts";
import { speaker } from "./sound.svelte.ts";

/** Oftener than this nobody needs to know; `for` is looked through each time. */
const APART_MS = 250;

export class Watch {
  level = $state.raw<Level | null>(null);
  #alarm = ASLEEP;
  #lookedAt = -Infinity;
  #now = 0;

  constructor(
    private live: LiveBoard,
    private member: LiveWidget,
  ) {}

  /** Called whenever the time or the state moved on. */
  look(now: number): void {
    const { live, member } = this;
    const { widget } = member;
    if (widget.levels.length === 0) return;
    const isTick = now - this.#now >= 900;
    const isPast = live.past.at !== null;
    if (!isPast && !isTick && performance.now() - this.#lookedAt < APART_MS) return;
    this.#lookedAt = performance.now();
    this.#now = now;
    const isLive = live.connection.is === "live" && live.connection.catchingUp === 0 && member.isReady && !isPast;
    if (!isLive) {
      this.#alarm = step(this.#alarm, [], false).alarm;
      // What is looked back at says which level held then; what is lost touch with is not judged, its last word stays, greyed like the value.
      if (isPast) this.level = gravest(widget.levels, levelsAt(member.shown, widget, member.rangeMs, now));
      return;
    }
    // The newest state, not the shown one: a page that is hidden paints nothing and must call all the same.
    const holding = levelsAt(member.folded, widget, member.rangeMs, now);
    const { alarm, fired } = step(this.#alarm, holding, true);
    this.#alarm = alarm;
    this.level = gravest(widget.levels, holding);
    for (const index of fired) {
      const level = widget.levels[index];
      if (level?.sound) speaker.play(level.sound);
      if (level?.notifies) notices.say(`${live.board.title}: ${widget.title}`, levelWords(level, widget.unit), `${live.board.name}/${widget.id}`);
    }
  }
}
