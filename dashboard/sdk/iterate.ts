// A subscription as an async iterable. A consumer slower than its events holds at most a thousand;
// what no longer fits is dropped from the old end and told as a gap of reason `client`.

import type { HookcastError } from "./errors.ts";
import type { Gap, Listener, Message } from "./subscription.ts";
import type { Undo } from "./wake.ts";

const WAITING_MAX = 1_000;

export async function* iterate<T>(
  subscribe: (listener: Listener<T>) => Undo,
  signal?: AbortSignal,
): AsyncGenerator<Message<T> | Gap, void, undefined> {
  const waiting: (Message<T> | Gap)[] = [];
  let lost: Gap | null = null;
  let failure: HookcastError | null = null;
  let wake: () => void = () => undefined;
  const push = (entry: Message<T> | Gap) => {
    const dropped = waiting.length >= WAITING_MAX ? waiting.shift() : undefined;
    if (dropped) lost = widened(lost, dropped);
    waiting.push(entry);
    wake();
  };
  const undo = subscribe({
    event: push,
    gap: push,
    error(error) {
      failure = error;
      wake();
    },
  });
  const stop = () => wake();
  signal?.addEventListener("abort", stop);
  try {
    while (!signal?.aborted) {
      const next: Message<T> | Gap | undefined = lost ?? waiting.shift();
      lost = null;
      if (next) yield next;
      else if (failure) throw failure;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    undo();
  }
}

function widened(lost: Gap | null, dropped: Message | Gap): Gap {
  const from = "offset" in dropped ? dropped.offset : dropped.from;
  const to = "offset" in dropped ? dropped.offset : dropped.to;
  return { stream: dropped.stream, from: lost ? lost.from : from, to, reason: "client" };
}
