// The way in.

import { HookcastClient } from "./client.ts";
import type { Client, Options } from "./options.ts";

/** Dials at the first subscription. */
export function connect(options: Options): Client {
  return new HookcastClient(options);
}
