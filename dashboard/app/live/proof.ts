// What proves the deliveries of a source, in one word: a screen speaks of a token where one is sent. Read from the gateway's own words.

import type { Proof } from "../../fold/report-mend.ts";
import { Fields } from "./fields.ts";
import { ask, type Pass } from "./gateway.ts";

/** How a test delivery may be wrong on purpose. */
export type Wrong = "signature" | "time" | "repeat";

/** Where there are several ways, one of them is a signature: then that is the word. */
export function proofOf(ways: readonly string[]): Proof {
  if (ways.length === 0) return "signature";
  if (ways.every((way) => /^(a )?token$/.test(way))) return "token";
  return ways.every((way) => way === "nothing") ? "nothing" : "signature";
}

/** What can be wrong with a delivery that the gateway makes: it proves it in the first of the ways. */
export function wrongsOf([way = ""]: readonly string[]): Wrong[] {
  const isMadeHere = way !== "nothing" && !way.includes("that the provider publishes");
  const hasTime = /\{ts\}|\{json:[^}]*time|only this provider/.test(way);
  return [...(isMadeHere ? ["signature" as const] : []), ...(hasTime ? ["time" as const] : []), "repeat"];
}

/** What a source is proven by now; null where it is gone, or of another provider than the delivery was. */
export async function proofFor(pass: Pass, name: string, provider: string): Promise<Proof | null> {
  const sources = new Fields(await ask(pass, "/api/v1/sources")).tables("sources");
  const source = sources.find((each) => each.text("name") === name && each.text("provider") === provider);
  return source ? proofOf(source.texts("proof")) : null;
}
