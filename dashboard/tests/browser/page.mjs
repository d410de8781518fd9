// Opens the board in a fresh context and remembers what the browser complained about.

export async function openBoard({ gateway, browser }, { path = "/", query = "", token = gateway.token, fragment = `token=${token}`, before = async () => undefined, ...context } = {}) {
  const opened = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "dark", ...context });
  const page = await opened.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await before(page);
  const response = await page.goto(`${gateway.origin}${path}${query}#${fragment}`);
  return {
    page,
    response,
    complaints,
    tile: (id) => page.getByTestId(`tile-${id}`),
    badge: page.getByTestId("badge"),
    close: () => opened.close(),
  };
}

/** The number of a tile, without its signs; null while there is a dash. */
export async function numberOf(tile) {
  const text = await tile.getByTestId("number").textContent();
  const digits = (text ?? "").replace(/[^\d.-]/g, "");
  return digits === "" ? null : Number(digits);
}

/** Stands between page and gateway: passes all on, and can close, hold live events back, or say something to the page. */
export async function betweenSockets(page, onMessage = () => undefined) {
  const between = { routes: [], passesLive: true };
  await page.routeWebSocket(/\/ws$/, (route) => {
    const server = route.connectToServer();
    between.routes.push(route);
    server.onMessage((text) => {
      const { type, id } = JSON.parse(String(text));
      if (type !== "events" || id !== undefined || between.passesLive) route.send(text);
    });
    route.onMessage((text) => {
      const answer = onMessage(JSON.parse(String(text)));
      if (answer) route.send(JSON.stringify(answer));
      else server.send(text);
    });
  });
  return between;
}

/** Changes the board's JSON on its way to the page. */
export async function changeBoard(page, change) {
  await page.route("**/api/v1/boards/home", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: change(await response.json()) });
  });
}
