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
  /** Somebody else saved meanwhile: theirs is there to be taken. */
  | { is: "changed"; theirs: BoardFile | null }
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
    if (kept && kept.file.revision !== file.revision) this.saving = { is: "changed", theirs: file };
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

  /** `isForced`: over whatever is there now, be it nothing. */
  async save(isForced = false): Promise<void> {
    const { draft } = this.editing;
    this.saving = { is: "busy" };
    try {
      const { session } = this.live;
      const revision = isForced ? ((await openBoard(this.file.name, session.pass).catch(() => null))?.revision ?? null) : this.file.revision;
      const saved = await saveBoard(session.pass, this.file.name, bodyOf(draft), revision);
      if (saved.is === "changed") this.saving = { is: "changed", theirs: await openBoard(this.file.name, session.pass).catch(() => null) };
      else if (saved.is === "read_only") this.saving = { is: "toml", toml: saved.toml, why: saved.why };
      else this.#keep({ ...this.file, json: { ...bodyOf(draft), name: this.file.name }, revision: saved.revision }, draft);
    } catch (error) {
      this.saving = { is: "failed", why: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Another's board in place of this one. */
  take(file: BoardFile): void {
    this.file = file;
    this.editing = begin(draftOf(file.json));
    this.saving = { is: "idle" };
    this.onfile(file);
  }

  discard(): void {
    this.editing = { ...begin(this.editing.saved), past: [] };
    this.saving = { is: "idle" };
  }

  async toml(): Promise<void> {
    try {
      this.saving = { is: "toml", toml: await tomlOf(this.live.session.pass, this.file.name, bodyOf(this.editing.draft)), why: "The board as its file" };
    } catch (error) {
      this.saving = { is: "failed", why: error instanceof Error ? error.message : String(error) };
    }
  }

  async remove(): Promise<boolean> {
    try {
      await removeBoard(this.live.session.pass, this.file.name);
      this.editing = begin(this.editing.draft);
      return true;
    } catch (error) {
      this.saving = { is: "failed", why: error instanceof Error ? error.message : String(error) };
      return false;
    }
  }

  #keep(file: BoardFile, draft: Draft): void {
    this.file = file;
    this.act({ is: "saved", draft });
    this.saving = { is: "saved" };
    this.onfile(file);
  }
}
