// `hookcast/react`: a topic and the connection as hooks. The client is the caller's: one for the whole page, made outside of components.

import { useMemo, useSyncExternalStore } from "react";
import type { Client, State } from "./options.ts";
import { watchTopic, type Topic, type TopicHow } from "./topic.ts";

export type { Topic, TopicHow } from "./topic.ts";

/** The newest messages of a pattern; subscribed while the component is mounted. */
export function useTopic<T = unknown>(client: Client, pattern: string, how: TopicHow = {}): Topic<T> {
  // By its text, so that `{ since: … }` written in place does not begin anew with each rendering.
  const asked = JSON.stringify(how);
  const watched = useMemo(() => watchTopic<T>(client, pattern, how), [client, pattern, asked]);
  return useSyncExternalStore(watched.watch, watched.current, watched.current);
}

export function useConnection(client: Client): State {
  const [listen, current] = useMemo(() => [(changed: () => void) => client.onState(changed), () => client.state] as const, [client]);
  return useSyncExternalStore(listen, current, current);
}
