// The boards there are, as the gateway lists them.

import { ask, type Pass } from "./gateway.ts";

export interface BoardEntry {
  name: string;
  title: string;
  from: string;
}

export interface BoardList {
  boards: BoardEntry[];
  savesTo: string | null;
}

export async function listBoards(pass: Pass): Promise<BoardEntry[]> {
  return parseBoardList(await ask(pass, "/api/v1/boards")).boards;
}

export function parseBoardList(answer: unknown): BoardList {
  const top = new Map(typeof answer === "object" && answer !== null ? Object.entries(answer) : []);
  const list: unknown = top.get("boards");
  const savesTo: unknown = top.get("saves_to");
  const boards = (Array.isArray(list) ? list : []).flatMap((each: unknown): BoardEntry[] => {
    const entry = new Map<string, unknown>(typeof each === "object" && each !== null ? Object.entries(each) : []);
    const [name, title, from] = ["name", "title", "from"].map((key) => entry.get(key));
    if (typeof name !== "string") return [];
    return [{ name, title: typeof title === "string" ? title : name, from: typeof from === "string" ? from : "" }];
  });
  return { boards, savesTo: typeof savesTo === "string" ? savesTo : null };
}
