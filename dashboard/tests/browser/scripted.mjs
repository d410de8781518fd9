// A board of one's own on a scripted line: the page is the real one, served by the real gateway; what its socket says is written here,
// so that each state comes when it is wanted and holds as long as it is looked at.

import { openBoard } from "./page.mjs";

/** A CloudEvent of this age. */
export function happened(offset, { topic = "s/t", type = "t", data, agoMs = 0 }) {
  const event = { specversion: "1.0", id: `id-${offset}`, source: "/hooks/s", type, subject: "s", time: new Date(Date.now() - agoMs).toISOString(), data };
  return { offset, topic, event };
}

/** `*` is one segment, `**` at the end is whatever follows. */
function matches([first, ...rest], [segment, ...others]) {
  if (first === undefined || first === "**") return first === "**" || segment === undefined;
  return segment !== undefined && (first === "*" || first === segment) && matches(rest, others);
}

/** Opens `board`; `history` is what each subscription is told before it is live. */
export async function openScripted(context, { board, history = [], ...dress }) {
  const routes = [];
  let offset = 0;
  const heard = [];
  const before = async (page) => {
    await page.route("**/api/v1/boards/home", (route) => route.fulfill({ json: { name: "home", ...board } }));
    await page.routeWebSocket(/\/ws$/, (route) => {
      routes.push(route);
      const say = (message) => route.send(JSON.stringify(message));
      say({ type: "welcome", heartbeat_ms: 25_000, build: "scripted", time: new Date().toISOString() });
      route.onMessage((text) => {
        const { type, id, pattern, mode } = JSON.parse(String(text));
        if (type !== "subscribe") return;
        heard.push({ id, pattern, mode });
        const items = history.map((each, index) => happened(index + 1, each)).filter(({ topic }) => matches(pattern.split("/"), topic.split("/")));
        offset = history.length;
        say({ type: "subscribed", id, position: "e:0" });
        for (let at = 0; at < items.length; at += 200) say({ type: "events", id, events: items.slice(at, at + 200) });
        say({ type: "live", id, position: `e:${history.length}` });
      });
    });
    await dress.before?.(page);
  };
  const opened = await openBoard(context, { ...dress, before });
  return {
    ...opened,
    heard,
    /** Live: all subscriptions hear it; those that asked for the newest only are told by name, as the gateway does. */
    happen(...events) {
      const items = events.map((each) => happened((offset += 1), each));
      const say = (message) => routes.at(-1).send(JSON.stringify({ type: "events", ...message }));
      say({ events: items });
      for (const { id, mode } of heard) if (mode) say({ id, events: items.slice(-1) });
    },
    say: (message) => routes.at(-1).send(JSON.stringify(message)),
    lose: () => routes.at(-1).close({ code: 1011 }),
    count: () => routes.length,
  };
}

/** Whatever stands out of its tile, or is wider than the screen: empty is good. What scrolls or is cut on purpose has its own box. */
export function overflows(page) {
  return page.evaluate(() => {
    const found = [];
    const cuts = (style) => /auto|scroll|hidden|clip/.test(`${style.overflowX} ${style.overflowY}`);
    for (const tile of document.querySelectorAll("[data-testid^=tile-]")) {
      const frame = tile.getBoundingClientRect();
      const walk = (element) => {
        for (const child of element.children) {
          const style = getComputedStyle(child);
          if (style.position === "absolute" && child.className.includes("hc-hidden")) continue;
          const box = child.getBoundingClientRect();
          if (box.width > 0 && box.height > 0 && (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)) found.push(`${tile.dataset.testid}: ${child.tagName}.${child.getAttribute("class")} ${Math.round(box.right - frame.right)},${Math.round(box.bottom - frame.bottom)}`);
          if (!cuts(style) && child.tagName !== "svg") walk(child);
        }
      };
      walk(tile);
    }
    const wide = document.documentElement.scrollWidth - innerWidth;
    if (wide > 0) found.push(`the page is ${wide} px wider than its screen`);
    return found;
  });
}
