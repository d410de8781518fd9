// The editor's state on the page: what is being edited, shown live at once, saved against the revision it was made from.

import { parseBoard } from "../../fold/board.ts";
import { begin, edit, isDirty, shownDraft, type Action, type Editing } from "../../fold/edit.ts";
import { bodyOf, draftOf, type Command, type Draft } from "../../fold/edit-draft.ts";
import { openBoard, type BoardFile } from "../live/board-file.ts";
import type { LiveBoard } from "../live/board.svelte.ts";
import { removeBoard, saveBoard, tomlOf } from "./saving.ts";

export type Saving =
  | { is: "idle" }
  | { is: "busy" }
  | { is: "saved" }
  /** Somebody else saved meanwhile: theirs is at the gateway, to be taken. */
  | { is: "changed" }
  /** The board stands in an address alone: it is kept under the name that it is given. */
  | { is: "nameless"; why: string }
  /** This text is the board's file: to be put where the gateway may not write. */
  | { is: "toml"; toml: string; why: string }
  | { is: "failed"; why: string };

/** What was not saved when the editor went away, whatever took it there: another screen, or another token in the address. */
let left: { file: BoardFile; editing: Editing } | null = null;

export class Editor {
  editing: Editing;
  saving = $state.raw<Saving>({ is: "idle" });
  file: BoardFile;
  readonly isDirty = $derived.by(() => isDirty(this.editing));
  readonly draft: Draft = $derived.by(() => shownDraft(this.editing));

  constructor(
    readonly live: LiveBoard,
    file: BoardFile,
    /** The board's own screen follows what is saved or taken. */
    private readonly onfile: (file: BoardFile) => void,
  ) {
    const kept = left?.file.name === file.name ? left : null;
    left = null;
    this.file = $state.raw(kept?.file ?? file);
    this.editing = $state.raw(kept?.editing ?? begin(draftOf(file.json)));
    if (kept && kept.file.revision !== file.revision) this.saving = { is: "changed" };
  }

  /** The screen shows what is saved again; what is not waits for whoever edits this board next on this page. */
  leave(): void {
    if (!this.isDirty) return;
    left = { file: this.file, editing: this.editing };
    this.live.adopt(parseBoard(this.file.json), this.live.rangeMs);
  }

  act(action: Action): void {
    const next = edit(this.editing, action);
    if (next === this.editing) return;
    this.editing = next;
    if (this.saving.is === "saved" || this.saving.is === "failed") this.saving = { is: "idle" };
  }

  do(command: Command): void {
    this.act({ is: "do", command });
  }

  /** The draft as the board on the screen. */
  show(): void {
    const board = parseBoard({ ...bodyOf(this.draft), name: this.file.name });
    this.live.adopt(board, this.live.rangeMs);
  }

  /** `isForced`: over whatever is there now, be it nothing. `as`: under a name that no other board has. */
  async save(isForced = false, as: string | null = null): Promise<void> {
    const { draft } = this.editing;
    if (as === null && this.#isNameless) {
      this.saving = { is: "nameless", why: "This board stands in its link alone. Under a name it is kept here, for everybody." };
      return;
    }
    const { session } = this.live;
    const name = as ?? this.file.name;
    await this.#try(async () => {
      const now = isForced ? ((await openBoard(name, session.pass).catch(() => null))?.revision ?? null) : this.file.revision;
      const saved = await saveBoard(session.pass, name, bodyOf(draft), as === null ? now : null);
      if (saved.is === "changed") return as === null ? saved : { is: "nameless", why: `There is a board called “${as}” already: it needs another name.` };
      if (saved.is === "read_only") return { is: "toml", toml: saved.toml, why: saved.why };
      this.file = { name, json: { ...bodyOf(draft), name }, revision: saved.revision, from: saved.from };
      this.act({ is: "saved", draft });
      // Under a new name it is another board: the page goes there.
      if (as === null) this.onfile(this.file);
      return { is: "saved" };
    });
  }

  /** Another's board, as it is at the gateway now, in place of this one. */
  async take(): Promise<void> {
    await this.#try(async () => {
      this.file = await openBoard(this.file.name, this.live.session.pass);
      this.editing = begin(draftOf(this.file.json));
      this.onfile(this.file);
      return { is: "idle" };
    });
  }

  discard(): void {
    this.editing = { ...begin(this.editing.saved), past: [] };
    this.saving = { is: "idle" };
  }

  async toml(): Promise<void> {
    const name = this.#isNameless ? "board" : this.file.name;
    await this.#try(async () => ({ is: "toml", toml: await tomlOf(this.live.session.pass, name, bodyOf(this.editing.draft)), why: "The board as its file" }));
  }

  async remove(): Promise<void> {
    await this.#try(async () => {
      await removeBoard(this.live.session.pass, this.file.name);
      this.editing = begin(this.editing.draft);
      return { is: "idle" };
    });
  }

  get #isNameless(): boolean {
    return this.file.from === "address";
  }

  async #try(run: () => Promise<Saving>): Promise<void> {
    this.saving = { is: "busy" };
    try {
      this.saving = await run();
    } catch (error) {
      this.saving = { is: "failed", why: error instanceof Error ? error.message : String(error) };
    }
  }
}
