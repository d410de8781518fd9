// Editing a board, by hand or by keys: one state machine. A tile is lifted, goes from place to place while the others give way, and is
// dropped, or put back as if nothing had been. What was done can be undone. Pure: (editing, action) → editing.
//
//     resting ── lift ──▶ lifted ── step, stretch, to ──▶ lifted
//        ▲                  │ drop: one command           │
//        └──────────────────┴ restore: nothing happened ──┘

import { apply, find, idOf, placeOf, sameValue, type Command, type Draft } from "./edit-draft.ts";
import { COLUMNS, inside, type At } from "./edit-grid.ts";

/** Steps that can be undone. A draft shares its tables with the one before, so a step costs what it changed. */
export const UNDO_MAX = 200;

export interface Lift {
  id: string;
  from: At;
  at: At;
}

export interface Editing {
  draft: Draft;
  /** The draft as it was last saved. */
  saved: Draft;
  past: readonly Draft[];
  future: readonly Draft[];
  selected: string | null;
  lift: Lift | null;
  /** What the last step was about: typing on into one field is one step. */
  joins: string | null;
}

export type Action =
  | { is: "do"; command: Command }
  | { is: "undo" }
  | { is: "redo" }
  | { is: "select"; id: string | null }
  /** The next change is a step of its own. */
  | { is: "seal" }
  | { is: "lift"; id: string }
  | { is: "step"; columns: number; rows: number }
  | { is: "stretch"; columns: number; rows: number }
  | { is: "to"; at: At }
  | { is: "drop" }
  | { is: "restore" }
  /** `draft` reached the gateway; what was typed since is still to be saved. */
  | { is: "saved"; draft: Draft };

export function begin(draft: Draft): Editing {
  return { draft, saved: draft, past: [], future: [], selected: null, lift: null, joins: null };
}

export function edit(editing: Editing, action: Action): Editing {
  switch (action.is) {
    case "do":
      return done(editing, action.command);
    case "undo":
      return undone(editing);
    case "redo":
      return redone(editing);
    case "select":
      return editing.lift ? editing : { ...editing, selected: action.id, joins: null };
    case "seal":
      return editing.joins === null ? editing : { ...editing, joins: null };
    case "lift":
      return lifted(editing, action.id);
    case "step":
      return aimed(editing, ([column, row, width, height]) => [column + action.columns, row + action.rows, width, height]);
    case "stretch":
      // A tile at the right edge grows no further: its width is cut, its corner stays.
      return aimed(editing, ([column, row, width, height]) => [column, row, Math.min(width + action.columns, COLUMNS - column), height + action.rows]);
    case "to":
      return aimed(editing, () => action.at);
    case "drop":
      return dropped(editing);
    case "restore":
      return editing.lift ? { ...editing, lift: null } : editing;
    case "saved":
      return { ...editing, saved: action.draft, joins: null };
  }
}

/** What the board looks like now: with the lifted tile where it hovers. */
export function shownDraft({ draft, lift }: Editing): Draft {
  return lift ? apply(draft, { do: "place", id: lift.id, at: lift.at }) : draft;
}

export function isDirty({ draft, saved }: Editing): boolean {
  return draft !== saved && !sameValue(draft, saved);
}

function done(editing: Editing, command: Command): Editing {
  const resting = dropped(editing);
  const draft = apply(resting.draft, command);
  if (draft === resting.draft) return resting;
  const joins = command.do === "set" ? `${command.id} ${command.path.join(".")}` : command.do === "board" ? command.key : null;
  const isSameStep = joins !== null && joins === resting.joins && resting.past.length > 0;
  const past = isSameStep ? resting.past : [...resting.past, resting.draft].slice(-UNDO_MAX);
  return { ...resting, draft, past, future: [], joins, selected: selectedAfter(resting, command, draft) };
}

/** What was made is what is worked on next; what is gone is not. */
function selectedAfter({ selected }: Editing, command: Command, draft: Draft): string | null {
  const newest = draft.widgets.at(-1);
  if ((command.do === "add" || command.do === "duplicate") && newest) return idOf(newest);
  if (command.do === "rename" && selected === command.id) return command.to;
  return selected !== null && find(draft, selected) ? selected : null;
}

function undone(editing: Editing): Editing {
  if (editing.lift) return { ...editing, lift: null };
  const draft = editing.past.at(-1);
  return draft ? moved(editing, draft, editing.past.slice(0, -1), [editing.draft, ...editing.future]) : editing;
}

function redone(editing: Editing): Editing {
  const [draft, ...future] = editing.future;
  return draft && !editing.lift ? moved(editing, draft, [...editing.past, editing.draft], future) : editing;
}

function moved(editing: Editing, draft: Draft, past: readonly Draft[], future: readonly Draft[]): Editing {
  const selected = editing.selected !== null && find(draft, editing.selected) ? editing.selected : null;
  return { ...editing, draft, past, future, selected, joins: null };
}

function lifted(editing: Editing, id: string): Editing {
  const table = find(editing.draft, id);
  const from = table && placeOf(table);
  return from && !editing.lift ? { ...editing, selected: id, lift: { id, from, at: from }, joins: null } : editing;
}

function aimed(editing: Editing, aim: (at: At) => At): Editing {
  const { lift } = editing;
  if (!lift) return editing;
  const at = inside(aim(lift.at));
  return sameValue(at, lift.at) ? editing : { ...editing, lift: { ...lift, at } };
}

function dropped(editing: Editing): Editing {
  const { lift } = editing;
  if (!lift) return editing;
  const rested = { ...editing, lift: null };
  return sameValue(lift.at, lift.from) ? rested : done(rested, { do: "place", id: lift.id, at: lift.at });
}
