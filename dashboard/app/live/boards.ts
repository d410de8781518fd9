// The boards there are, as the gateway lists them, and a new one.

import { Fields } from "./fields.ts";
import { ask, Problem, sending, type Pass } from "./gateway.ts";

/** The board of `/`, whoever wrote it. */
export const HOME = "home";

export interface BoardEntry {
  name: string;
  title: string;
  from: string;
}

export async function listBoards(pass: Pass): Promise<BoardEntry[]> {
  return parseBoards(await ask(pass, "/api/v1/boards"));
}

/** Home first. The demo's home is one of the built-in boards, letter by letter: it is listed once. */
export function parseBoards(json: unknown): BoardEntry[] {
  const entries = new Fields(json).tables("boards").filter((entry) => entry.text("name") !== "");
  const home = entries.find((entry) => entry.text("name") === HOME);
  const isHomeAgain = (entry: Fields) => entry !== home && entry.text("from") === "built-in" && entry.text("revision") !== "" && entry.text("revision") === home?.text("revision");
  return entries
    .filter((entry) => !isHomeAgain(entry))
    .sort((a, b) => Number(b === home) - Number(a === home))
    .map((entry) => ({ name: entry.text("name"), title: entry.textOrNull("title") ?? entry.text("name"), from: entry.text("from") }));
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
