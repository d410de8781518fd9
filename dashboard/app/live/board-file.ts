// One board at the gateway, read with its revision. Saving it is the editor's: see saving.ts there.

import { fetchBoard, textAt, type Pass } from "./gateway.ts";

export interface BoardFile {
  name: string;
  /** As the gateway gave it: what is not understood is kept. */
  json: unknown;
  /** Null: it was never saved, or stands in the address alone. */
  revision: string | null;
  from: string;
}

export async function openBoard(name: string, pass: Pass): Promise<BoardFile> {
  const json = await fetchBoard(name, await pass.token());
  return { name, json, revision: textAt(json, "revision"), from: textAt(json, "from") ?? "" };
}
