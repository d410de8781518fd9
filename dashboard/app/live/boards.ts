// The boards there are, as the gateway lists them.

import { Fields } from "./fields.ts";
import { ask, type Pass } from "./gateway.ts";

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
