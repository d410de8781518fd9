// The SSE transport over a scripted server: what it asks for, and that nothing said to one stream moves another's subscriptions.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connect, type Client, type Gap, type How, type Message } from "../../sdk/index.ts";

interface Call {
  patterns: string[];
  query: URLSearchParams;
  lastId: string | undefined;
  token: string | undefined;
  says(type: string | null, data: object, id?: string): void;
  end(): void;
  isOpen: boolean;
}

let server: Server;
let client: Client;
let calls: Call[] = [];
let answer: ((request: IncomingMessage, response: ServerResponse) => boolean) | null = null;

const call = (request: IncomingMessage, response: ServerResponse): Call => {
  const { searchParams } = new URL(request.url ?? "", "http://gateway");
  const made: Call = {
    patterns: searchParams.getAll("pattern"),
    query: searchParams,
    lastId: request.headers["last-event-id"]?.toString(),
    token: request.headers.authorization,
    says: (type, data, id) => void response.write(`${type === null ? "" : `event: ${type}\n`}data: ${JSON.stringify({ type: type ?? "events", ...data })}\n${id === undefined ? "" : `id: ${id}\n`}\n`),
    end: () => response.end(),
    isOpen: true,
  };
  response.on("close", () => (made.isOpen = false));
  return made;
};

beforeEach(async () => {
  calls = [];
  answer = null;
  server = createServer((request, response) => {
    if (answer?.(request, response)) return;
    response.writeHead(200, { "content-type": "text/event-stream" }).write("retry: 2000\n\n");
    calls.push(call(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function open(token: () => string | null = () => "t") {
  const { port } = server.address() as AddressInfo;
  client = connect({ url: `http://127.0.0.1:${port}`, transport: "sse", getToken: token });
}

function listen(pattern: string, how: How = {}) {
  const told = { offsets: [] as number[], gaps: [] as Gap[], errors: [] as string[], messages: [] as Message[], undo: () => undefined as void };
  told.undo = client.subscribe(pattern, { event: (message) => void (told.offsets.push(message.offset), told.messages.push(message)), gap: (gap) => void told.gaps.push(gap), error: ({ code }) => void told.errors.push(code) }, how);
  return told;
}

const item = (offset: number, topic: string) => ({ offset, topic, event: { specversion: "1.0", id: `${topic}${offset}`, source: "/h", type: "t", time: "" } });
const open_ = () => calls.filter(({ isOpen }) => isOpen);
const at = (index: number): Call => calls[index] ?? expect.fail(`no call ${index}`);
const seen = (count: number) => vi.waitFor(() => expect(calls).toHaveLength(count));

/** Welcomed, and every pattern live at this position. */
function greets(to: Call, position: string) {
  to.says("welcome", { heartbeat_ms: 25_000, build: "b", time: new Date().toISOString() });
  const ids = to.patterns.map(() => position).join();
  to.patterns.forEach((_, id) => to.says("subscribed", { id: `${id}`, position }, ids));
  to.patterns.forEach((_, id) => to.says("live", { id: `${id}`, position }, ids));
}

const live = () => vi.waitFor(() => expect(client.state).toMatchObject({ is: "live", via: "sse", catchingUp: 0 }));

describe("one stream", () => {
  it("asks for what is subscribed in one go, with the token in a header", async () => {
    open();
    listen("s/a", { since: { last: 5 } });
    listen("s/b", { since: { last: 5 } });
    await seen(1);
    expect([at(0).patterns, at(0).query.get("since"), at(0).token]).toEqual([["s/a", "s/b"], "last:5", "Bearer t"]);
    greets(at(0), "e:3");
    await live();
  });

  it("gives each its own, gaps too, and resumes with every position", async () => {
    open();
    const [a, b] = [listen("s/a"), listen("s/**")];
    await seen(1);
    greets(at(0), "e:3");
    await live();
    at(0).says(null, { events: [item(4, "s/b")] }, "e:4,e:4");
    at(0).says(null, { events: [item(5, "s/a")] }, "e:5,e:5");
    at(0).says("gap", { stream: "s", reason: "slow", from: 6, to: 9, position: "e:9" }, "e:9,e:9");
    await vi.waitFor(() => expect(b.gaps).toHaveLength(1));
    expect([a.offsets, b.offsets, a.gaps]).toEqual([[5], [4, 5], [{ stream: "s", from: 6, to: 9, reason: "slow" }]]);
    at(0).end();
    await seen(2);
    expect([at(1).lastId, at(1).patterns]).toEqual(["e:9,e:9", ["s/a", "s/**"]]);
  });

  it("obeys the gateway's close: 4501 stays away, others wait as told", async () => {
    open();
    listen("s/a");
    await seen(1);
    greets(at(0), "e:3");
    await live();
    at(0).says("close", { code: 1012, name: "restart", retry_ms: 60_000 });
    await vi.waitFor(() => expect(client.state).toMatchObject({ is: "waiting", cause: { closeCode: 1012 } }));
    expect(client.state.is === "waiting" && client.state.until - Date.now()).toBeGreaterThan(50_000);
  });

  it("stays away from a 401, and tells a 403 to the subscription it is for", async () => {
    open();
    answer = (_, response) => (response.writeHead(401).end("{}"), true);
    listen("s/a");
    await vi.waitFor(() => expect(client.state).toMatchObject({ is: "closed", cause: { closeCode: 4501 } }));
    answer = (request, response) => (request.url ?? "").includes("pattern=x") && (response.writeHead(403).end('{"code":"forbidden","detail":"no grant"}'), true);
    const [bad, good] = [listen("x/a"), listen("s/b")];
    client.open();
    await vi.waitFor(() => expect(bad.errors).toEqual(["forbidden"]));
    await vi.waitFor(() => expect(open_().map(({ patterns }) => patterns.join()).sort()).toEqual(["s/a", "s/b"]));
    expect(good.errors).toEqual([]);
  });
});

describe("several streams", () => {
  it("add what is subscribed later, and begin each where it stands", async () => {
    open();
    listen("s/a");
    await seen(1);
    greets(at(0), "e:3");
    await live();
    listen("t/a", { since: "snapshot", latestMs: 200 });
    await seen(3);
    await vi.waitFor(() => expect(at(0).isOpen).toBe(false));
    expect([at(1).patterns, at(1).lastId]).toEqual([["s/a"], "e:3"]);
    expect([at(2).patterns, at(2).query.get("since"), at(2).query.get("latest"), at(2).lastId]).toEqual([["t/a"], "snapshot", "200", undefined]);
  });

  it("are not in step: what one carries never moves the other's subscriptions", async () => {
    open();
    const first = listen("s/**");
    await seen(1);
    greets(at(0), "e:3");
    await live();
    const second = listen("s/*");
    await seen(3);
    greets(at(1), "e:3");
    greets(at(2), "e:3");
    await live();
    at(1).says(null, { events: [item(5, "s/a")] }, "e:5");
    at(1).says("positions", { positions: { s: "e:7" }, time: new Date().toISOString() }, "e:7");
    await vi.waitFor(() => expect(first.offsets).toEqual([5]));
    expect(second.offsets).toEqual([]);
    at(2).says(null, { events: [item(4, "s/a")] }, "e:4");
    at(2).says(null, { events: [item(5, "s/a")] }, "e:5");
    at(2).says("positions", { positions: { s: "e:6" }, time: new Date().toISOString() }, "e:6");
    await vi.waitFor(() => expect(client.positions()).toEqual({ s: "e:6" }));
    expect([first.offsets, second.offsets]).toEqual([[5], [4, 5]]);
    expect(client.state).toMatchObject({ stale: [] });
    at(2).says("positions", { positions: {}, time: new Date().toISOString() });
    await vi.waitFor(() => expect(client.state).toMatchObject({ stale: ["s"] }));
  });

  it("become few again: at most ten patterns each, from their positions", async () => {
    open();
    const undos = [];
    for (let round = 0; round < 12; round += 1) {
      undos.push(listen(`s/${round}`).undo);
      await vi.waitFor(() => expect(calls.some(({ patterns, isOpen }) => isOpen && patterns.includes(`s/${round}`))).toBe(true));
      for (const each of open_()) greets(each, `e:${round + 1}`);
      await live();
    }
    expect(open_().length).toBeLessThanOrEqual(3);
    expect(open_().every(({ patterns }) => patterns.length <= 10)).toBe(true);
    expect(new Set(open_().flatMap(({ patterns }) => patterns)).size).toBe(12);
    undos.forEach((undo) => undo());
    await vi.waitFor(() => expect(open_()).toEqual([]));
  });

  it("all carry a renewed token", async () => {
    let given = 0;
    open(() => `t${++given}`);
    listen("s/a");
    await seen(1);
    at(0).says("welcome", { heartbeat_ms: 25_000, build: "b", time: new Date().toISOString(), expires: new Date(Date.now() + 1_500).toISOString() });
    at(0).says("subscribed", { id: "0", position: "e:3" }, "e:3");
    await vi.waitFor(() => expect(calls).toHaveLength(2), 5_000);
    expect([at(1).token, at(1).lastId]).toEqual(["Bearer t2", "e:3"]);
  });
});

describe("where no socket gets through", () => {
  /** Something between that cuts every upgrade. */
  class Cut {
    static dialled = 0;
    /** While this is a list, sockets wait in it instead of being cut at once. */
    static held: (() => void)[] | null = null;
    readyState = 3;
    onclose: ((event: { code: number; reason: string }) => void) | null = null;
    constructor() {
      Cut.dialled += 1;
      const cut = () => this.onclose?.({ code: 1006, reason: "" });
      if (Cut.held) Cut.held.push(cut);
      else setTimeout(cut);
    }
    send() {}
    close() {}
  }

  it("takes SSE after two sockets that failed though the gateway answers; and not where only sockets are wanted", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    let [isUp, asked] = [false, 0];
    answer = (request, response) => {
      if (request.url !== "/livez") return false;
      asked += 1;
      if (isUp) response.end("ok");
      else request.socket.destroy();
      return true;
    };
    const { port } = server.address() as AddressInfo;
    client = connect({ url: `http://127.0.0.1:${port}`, WebSocket: Cut as unknown as typeof WebSocket });
    listen("s/a");
    await vi.waitFor(() => expect(Cut.dialled).toBeGreaterThan(3));
    expect(calls).toEqual([]);
    // Up to here it was the gateway that was away, which says nothing of sockets: each that was cut has asked, and heard nothing.
    const held: (() => void)[] = (Cut.held = []);
    await vi.waitFor(() => expect([held.length, asked]).toEqual([1, Cut.dialled - 1]));
    const alone = Cut.dialled - 1;
    isUp = true;
    Cut.held = null;
    held[0]?.();
    await seen(1);
    expect(Cut.dialled).toBeGreaterThan(alone + 1);
    greets(at(0), "e:1");
    await live();
    client.close();
    const only = connect({ url: `http://127.0.0.1:${port}`, WebSocket: Cut as unknown as typeof WebSocket, transport: "ws" });
    only.subscribe("s/a", { event: () => undefined });
    const before = Cut.dialled;
    await vi.waitFor(() => expect(Cut.dialled).toBeGreaterThan(before + 3));
    only.close();
    expect(calls).toHaveLength(1);
    vi.restoreAllMocks();
  });
});
