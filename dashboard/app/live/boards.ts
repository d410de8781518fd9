// The boards there are, as the gateway lists them, and a new one.

import { Fields } from "./fields.ts";
import { ask, Problem, sending, type Pass } from "./gateway.ts";

export interface BoardEntry {
  name: string;
  title: string;
  from: string;
}

export async function listBoards(pass: Pass): Promise<BoardEntry[]> {
  const entries = new Fields(await ask(pass, "/api/v1/boards")).tables("boards");
  return entries.flatMap((entry): BoardEntry[] => {
    const name = entry.textOrNull("name");
    return name === null ? [] : [{ name, title: entry.textOrNull("title") ?? name, from: entry.text("from") }];
  });
}

/** There is a board of this name already, and it stays as it is. */
export class NameTaken extends Error {}

/** A new board, under a name made of its title. Throws what a person must read. */
export async function makeBoard(pass: Pass, title: string, board: Readonly<Record<string, unknown>>): Promise<string> {
  const plain = title.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  const name = (plain || "board").slice(0, 64);
  const init = sending("PUT", { ...board, title: title.trim() });
  try {
    await ask(pass, `/api/v1/boards/${name}`, { ...init, headers: { "content-type": "application/json", "if-none-match": "*" } });
  } catch (error) {
    throw error instanceof Problem && error.code === "changed" ? new NameTaken(`There is a board called “${name}” already.`) : error;
  }
  return name;
}
