// Stands between pages and the gateway on an address of its own: counts WebSockets, and cuts them.

import { connect, createServer } from "node:net";

export async function startProxy(target) {
  const { hostname, port } = new URL(target);
  const sockets = new Set();
  const all = new Set();
  let count = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const each of [client, upstream]) {
      all.add(each);
      each.on("error", () => undefined).on("close", () => (all.delete(each), sockets.delete(client), client.destroy(), upstream.destroy()));
    }
    client.on("data", (bytes) => {
      if (!bytes.toString("latin1").startsWith("GET /ws")) return;
      count += 1;
      sockets.add(client);
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    /** How many WebSockets were ever dialled, and how many are open. */
    sockets: () => count,
    open: () => sockets.size,
    cut: () => sockets.forEach((each) => each.destroy()),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const each of all) each.destroy();
      await closed;
    },
  };
}
