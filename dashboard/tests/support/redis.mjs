// A real Redis of a test's own, from Debian's package: it can be killed and started again at the same address, keeping what it had on disk.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./runner.mjs";

export async function startRedis() {
  const folder = mkdtempSync(join(tmpdir(), "hookcast-redis-"));
  const port = await freePort();
  let running = launch(folder, port);
  await until("Redis answers", () => answers(port));
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => running.end("SIGKILL"),
    async restart() {
      running = launch(folder, port);
      await until("Redis answers", () => answers(port));
    },
    async stop() {
      await running.end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function launch(folder, port) {
  const child = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--appendfsync", "always", "--save", ""], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
  return {
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** Redis takes no port 0: one that was free a moment ago. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.once("data", (bytes) => (socket.destroy(), resolve(bytes.toString().startsWith("+PONG"))));
    socket.once("error", () => resolve(false));
  });
