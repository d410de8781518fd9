// One connection for all tabs of a name: the page's side. The connection lives in a SharedWorker that passes frames on; all else,
// positions and retries too, stays with each tab. Loaded only where it is asked for.

import { overWebSocket, type Dial } from "./socket.ts";

/** A worker that cannot be had (another origin's script, a bundler that left it out) is not asked for again. */
let isBroken = false;

export const overShared =
  (name: string): Dial =>
  (url, heard) => {
    try {
      if (!isBroken) return throughWorker(name, url, heard);
    } catch {
      isBroken = true;
    }
    return overWebSocket(WebSocket)(url, heard);
  };

const throughWorker = (name: string, ...[url, heard]: Parameters<Dial>): ReturnType<Dial> => {
  const worker = new SharedWorker(new URL("./shared-worker.ts", import.meta.url), { type: "module", name });
  const { port } = worker;
  worker.onerror = () => {
    isBroken = true;
    heard.end(1006, "");
  };
  // A frame, or how it ended; null is that it opened. Each is acknowledged: who falls silent is taken for gone.
  port.onmessage = ({ data }: MessageEvent<string | null | [number, string]>) => {
    port.postMessage(0);
    if (data === null) heard.open();
    else if (typeof data === "string") heard.frame(data);
    else heard.end(...data);
  };
  port.postMessage([url]);
  return {
    send: (frame) => port.postMessage(frame),
    close() {
      port.postMessage(null);
      port.onmessage = null;
    },
  };
};
