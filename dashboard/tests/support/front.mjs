// The page from a folder in front of a running gateway: what `vite build` wrote is seen at once, without compiling the binary anew.
// By hand, after `npx vite build`:  node tests/support/front.mjs [http://127.0.0.1:8080]   — its address takes the demo's `#token=…`.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const SCREENS = /^\/(board|events|sources|topics|connections|health)?(\/|$)/;
/** As the gateway says it: a page that only works without it is broken. */
const POLICY = "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

export async function startFront(folder, target) {
  const gateway = new URL(target);
  const open = new Set();
  const server = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url, "http://page");
    const file = SCREENS.test(pathname) ? join(folder, "index.html") : join(folder, normalize(pathname));
    if (file.startsWith(folder) && existsSync(file) && statSync(file).isFile()) {
      answer.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-security-policy": POLICY, "cache-control": "no-cache" });
      return createReadStream(file).pipe(answer);
    }
    const passed = request({ host: gateway.hostname, port: gateway.port, path: asked.url, method: asked.method, headers: asked.headers }, (said) => {
      answer.writeHead(said.statusCode, said.headers);
      said.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  });
  server.on("upgrade", (asked, client, head) => {
    const upstream = connect(Number(gateway.port), gateway.hostname);
    const headers = Object.entries(asked.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    upstream.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${headers.join("")}\r\n`);
    upstream.write(head);
    for (const each of [client, upstream]) {
      open.add(each);
      each.on("error", () => undefined).on("close", () => (open.delete(each), client.destroy(), upstream.destroy()));
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const each of open) each.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const front = await startFront(new URL("../../../gateway/assets", import.meta.url).pathname, process.argv[2] ?? "http://127.0.0.1:8080");
  console.log(front.origin);
}
