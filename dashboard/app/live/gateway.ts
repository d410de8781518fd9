// What the page asks the gateway over HTTP. Every call has a deadline; a failure is a sentence for a person.

import { UnauthorizedError } from "../../sdk/index.ts";

const DEADLINE_MS = 8_000;
/** A token is used no more when so little of its life is left. */
const SPARE_MS = 30_000;

/** What the gateway answered, parsed; null where it has nothing to say. Throws `Problem` when it refused, `SignedOut` without a token. */
export async function ask(pass: Pass, path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await answered(pass, path, init);
  return response.status === 204 ? null : response.json();
}

/** The same as it was written: a browser's own reader would round long numbers. */
export async function askText(pass: Pass, path: string): Promise<string> {
  return (await answered(pass, path, {})).text();
}

async function answered(pass: Pass, path: string, init: RequestInit): Promise<Response> {
  const response = await call(path, init, await pass.token());
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  if (response.status === 401) throw new SignedOut(detailOf(body, response.status));
  throw new Problem(response.status, textAt(body, "code") ?? "", detailOf(body, response.status), body);
}

/** A request with a JSON body. */
export function sending(method: "POST" | "PUT" | "DELETE", body?: unknown): RequestInit {
  return body === undefined ? { method } : { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

/** The gateway refused (RFC 9457): a stable code, a sentence for a person, and whatever else it said. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly body: unknown,
  ) {
    super(detail);
  }
}

export async function fetchBoard(name: string, token: string | null): Promise<unknown> {
  const response = await call(`/api/v1/boards/${encodeURIComponent(name)}`, { method: "GET" }, token);
  if (response.ok) return response.json();
  if (response.status === 404) throw new Error(`there is no board called “${name}”`);
  if (response.status === 401 || response.status === 403) throw new SignedOut();
  throw new Error(await problem(response));
}

/** Makes the gateway sign and post a sample to its own public route. */
export async function testSource(name: string, token: string | null): Promise<string> {
  const response = await call(`/api/v1/sources/${encodeURIComponent(name)}/test`, { method: "POST" }, token);
  if (!response.ok) throw new Error(await problem(response));
  const answer: unknown = await response.json();
  return typeof answer === "object" && answer !== null && "outcome" in answer ? String(answer.outcome) : "accepted";
}

/** The token or link is missing, over, or not enough for this board. */
export class SignedOut extends UnauthorizedError {}

/** What lets this page in: a token, or a viewer's link whose key is changed for tokens as they are needed. */
export class Pass {
  #token: string | null;
  #freshUntil = 0;

  constructor(
    /** As the address brought it. */
    readonly given: string | null,
    readonly key: string | null,
  ) {
    this.#token = given;
  }

  /** A token that lives on for a while. Throws `SignedOut` when the link is over. */
  async token(): Promise<string | null> {
    return performance.now() < this.#freshUntil ? this.#token : this.renew();
  }

  /** A new one, where there is a key to change. */
  async renew(): Promise<string | null> {
    if (this.key === null) return this.#token;
    const asked = performance.now();
    const body = JSON.stringify({ key: this.key });
    const response = await call("/api/v1/links/token", { method: "POST", body, headers: { "content-type": "application/json" } }, null);
    if (response.status === 401) throw new SignedOut(await problem(response));
    if (!response.ok) throw new Error(await problem(response));
    const said: unknown = await response.json();
    if (typeof said !== "object" || said === null || !("token" in said) || typeof said.token !== "string") throw new Error("the gateway sent no token");
    const livesMs = "expires_in_s" in said && typeof said.expires_in_s === "number" ? said.expires_in_s * 1_000 : 0;
    this.#freshUntil = asked + livesMs - SPARE_MS;
    this.#token = said.token;
    return this.#token;
  }
}

function call(path: string, init: RequestInit, token: string | null): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  return fetch(path, { ...init, headers, signal: init.signal ?? AbortSignal.timeout(DEADLINE_MS) });
}

async function problem(response: Response): Promise<string> {
  return detailOf(await response.json().catch(() => null), response.status);
}

/** RFC 9457: `detail`, else `title`, else the status. */
function detailOf(body: unknown, status: number): string {
  return textAt(body, "detail") ?? textAt(body, "title") ?? `the gateway answered ${status}`;
}

/** A text of an answer; null where there is none. */
export function textAt(body: unknown, key: string): string | null {
  const value: unknown = typeof body === "object" && body !== null ? new Map(Object.entries(body)).get(key) : null;
  return typeof value === "string" ? value : null;
}
