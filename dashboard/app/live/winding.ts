// The past of a board, laid out to be wound: what its subscriptions still have in hand, and older events that the gateway kept. It is
// loaded when time is first stopped: a wall never needs it.

import { extended, reelOf, Winder, type Reel } from "../../fold/reel.ts";
import type { LiveBoard, LiveWidget } from "./board.svelte.ts";
import { ageOf, type Hearing } from "./hearing.ts";
import { olderEvents } from "./older.ts";

/** Events of one subscription that are looked back at: beyond it the past says that it is cut. */
const REEL_MAX = 12_000;
const LOOKS_MAX = 12;

interface Wound {
  hearing: Hearing;
  reel: Reel;
  lookedFrom: number | null;
  looks: number;
  /** The gateway has nothing older, or it was asked often enough. */
  isAtEnd: boolean;
  winders: Map<LiveWidget, Winder>;
}

export class Winding {
  readonly #wound: Wound[];
  #isOver = false;
  #isAsking = false;

  constructor(readonly board: LiveBoard) {
    this.#wound = board.hearings.map((hearing) => ({ hearing, reel: reelOf(hearing.inputs, hearing.wholeFrom), lookedFrom: null, looks: 0, isAtEnd: false, winders: new Map() }));
  }

  draw(moment: number): void {
    for (const wound of this.#wound) for (const member of wound.hearing.members) member.shown = winderOf(wound, member).at(moment);
  }

  /** Asks for what a moment still lacks, page by page; what is shown meanwhile says that something is missing. */
  async reach(moment: () => number, drawn: () => void, asks: (isAsking: boolean) => void): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    for (;;) {
      const short = this.#wound.find((wound) => !wound.isAtEnd && wound.reel.wholeFrom > moment() - farthest(wound.hearing));
      if (!short || this.#isOver) break;
      asks(true);
      await this.#lengthen(short);
      if (!this.#isOver) drawn();
    }
    this.#isAsking = false;
    if (!this.#isOver) asks(false);
  }

  stop(): void {
    this.#isOver = true;
  }

  async #lengthen(wound: Wound): Promise<void> {
    const { reel, hearing } = wound;
    const older = await olderEvents(hearing.pattern, reel, wound.lookedFrom, this.board, () => this.#isOver);
    if (this.#isOver) return;
    wound.looks += 1;
    wound.lookedFrom = older?.lookedFrom ?? null;
    wound.reel = older ? extended(reel, older.inputs, older.wholeFrom) : reel;
    wound.isAtEnd = older === null || older.isFirst || wound.looks >= LOOKS_MAX || wound.reel.inputs.length > REEL_MAX;
    wound.winders.clear();
  }
}

function farthest({ members }: Hearing): number {
  return Math.max(0, ...members.map(({ widget, rangeMs }) => ageOf(widget, rangeMs)));
}

function winderOf(wound: Wound, member: LiveWidget): Winder {
  const known = wound.winders.get(member);
  if (known?.widget === member.widget) return known;
  const winder = new Winder(wound.reel, member.widget, member.rangeMs);
  wound.winders.set(member, winder);
  return winder;
}
