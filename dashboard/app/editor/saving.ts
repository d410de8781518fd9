// A board is saved against the revision it was made from, shown as the file it would be, or removed.

import { ask, Problem, sending, textAt, type Pass } from "../live/gateway.ts";

export type Saved =
  | { is: "saved"; revision: string; from: string }
  /** Somebody else saved meanwhile. */
  | { is: "changed" }
  /** The gateway cannot write: this text is the board's file. */
  | { is: "read_only"; toml: string; why: string };

/** `revision`: of the board this one was made from; null for a new board. Throws what a person must read. */
export async function saveBoard(pass: Pass, name: string, body: unknown, revision: string | null): Promise<Saved> {
  try {
    const init = sending("PUT", body);
    const headers = new Headers(init.headers);
    if (revision === null) headers.set("if-none-match", "*");
    else headers.set("if-match", JSON.stringify(revision));
    const answer = await ask(pass, pathOf(name), { ...init, headers });
    return { is: "saved", revision: textAt(answer, "revision") ?? "", from: textAt(answer, "from") ?? "" };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === "changed") return { is: "changed" };
    if (error.code === "read_only") return { is: "read_only", toml: textAt(error.body, "toml") ?? "", why: error.detail };
    throw error;
  }
}

/** The file that saving would write. */
export async function tomlOf(pass: Pass, name: string, body: unknown): Promise<string> {
  return textAt(await ask(pass, `${pathOf(name)}?dry`, sending("PUT", body)), "toml") ?? "";
}

export async function removeBoard(pass: Pass, name: string): Promise<void> {
  await ask(pass, pathOf(name), sending("DELETE"));
}

function pathOf(name: string): string {
  return `/api/v1/boards/${encodeURIComponent(name)}`;
}
