// `hookcast/svelte`: a topic and the connection as readable stores (`$topic`; with runes: `fromStore`).

import type { Readable } from "svelte/store";
import type { Client, State } from "./options.ts";
import { watchTopic, type Topic, type TopicHow } from "./topic.ts";

export type { Topic, TopicHow } from "./topic.ts";

/** The newest messages of a pattern; subscribed while somebody reads the store. */
export function topic<T = unknown>(client: Client, pattern: string, how: TopicHow = {}): Readable<Topic<T>> {
  const { current, watch } = watchTopic<T>(client, pattern, how);
  return {
    subscribe(run) {
      const undo = watch(() => run(current()));
      run(current());
      return undo;
    },
  };
}

export function connection(client: Client): Readable<State> {
  return {
    subscribe(run) {
      run(client.state);
      return client.onState(run);
    },
  };
}
