// What the editor is given by the board's screen. The editor itself is loaded when it is first wanted.

import type { BoardFile } from "../../live/board-file.ts";
import type { LiveBoard } from "../../live/board.svelte.ts";

export interface DeskProps {
  live: LiveBoard;
  file: BoardFile;
  /** The board as the gateway has it now: saved, taken from somebody else, or discarded to. */
  onfile: (file: BoardFile) => void;
}
