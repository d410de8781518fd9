// What the page asks the gateway over HTTP. Every call has a deadline; a failure is a sentence for a person.

const DEADLINE_MS = 8_000;


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

/** The token is missing, ended, or not enough for this board. */
export class SignedOut extends Error {}

function call(path: string, init: RequestInit, token: string | null): Promise<Response> {
  const headers = new Headers(token === null ? {} : { authorization: `Bearer ${token}` });
  return fetch(path, { ...init, headers, signal: AbortSignal.timeout(DEADLINE_MS) });
}

/** RFC 9457: `detail`, else `title`, else the status. */
async function problem(response: Response): Promise<string> {
  const said: unknown = await response.json().catch(() => null);
  if (typeof said === "object" && said !== null) {
    if ("detail" in said && typeof said.detail === "string") return said.detail;
    if ("title" in said && typeof said.title === "string") return said.title;
  }
  return `the gateway answered ${response.status}`;
}
