// What the sources' screen asks of the gateway: list, add, rotate, remove, test. The answers are read in sources.ts.

import { Fields } from "./fields.ts";
import { ask, sending, SignedOut, type Pass } from "./gateway.ts";
import { parseProvider, parseProviders, type Provider, type ProviderPage } from "./providers.ts";
import type { Wrong } from "./proof.ts";
import { parseSources, parseWritten, type Source, type Written } from "./sources.ts";

const DEADLINE_MS = 10_000;

const pathOf = (name: string, rest = "") => `/api/v1/sources/${encodeURIComponent(name)}${rest}`;

export async function listSources(pass: Pass): Promise<Source[]> {
  return parseSources(await ask(pass, "/api/v1/sources"));
}

export async function listProviders(pass: Pass): Promise<Provider[]> {
  return parseProviders(await ask(pass, "/api/v1/providers"));
}

export async function readProvider(pass: Pass, name: string): Promise<ProviderPage> {
  return parseProvider(await ask(pass, `/api/v1/providers/${encodeURIComponent(name)}`));
}

export interface WantedSource {
  name: string;
  provider: string;
  /** Null: the gateway makes one, where the provider lets us choose. */
  secret: string | null;
  topic?: string;
  header?: string;
  type?: string;
}

export async function addSource(pass: Pass, wanted: WantedSource): Promise<Written> {
  return parseWritten(await ask(pass, "/api/v1/sources", sending("POST", wanted)));
}

/** The new secret counts first; the old one is kept until it is taken out of the file. */
export async function rotateSource(pass: Pass, name: string, secret: string | null): Promise<Written> {
  return parseWritten(await ask(pass, pathOf(name, "/rotate"), sending("POST", { secret })));
}

export async function removeSource(pass: Pass, name: string): Promise<Written> {
  return parseWritten(await ask(pass, pathOf(name), sending("DELETE")));
}

export interface Tested {
  isTaken: boolean;
  /** An outcome, or the code of a refusal. */
  word: string;
}

/** One signed sample through the public route, or one that is wrong on purpose: its refusal is an answer, not a failure. */
export async function testSource(pass: Pass, name: string, wrong: Wrong | null): Promise<Tested> {
  const token = await pass.token();
  const headers = new Headers({ "content-type": "application/json" });
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  const body = wrong === null ? undefined : JSON.stringify({ wrong });
  const response = await fetch(pathOf(name, "/test"), { method: "POST", headers, body, signal: AbortSignal.timeout(DEADLINE_MS) });
  const said = new Fields(await response.json().catch(() => null));
  const word = said.textOrNull("outcome") ?? said.textOrNull("code");
  // `unverified` is what the public route says; all else that is no success is of the test itself.
  if (response.status === 401 && word !== "unverified") throw new SignedOut(said.text("detail"));
  if (!response.ok && word !== "unverified") throw new Error(said.text("detail") || `the gateway answered ${response.status}`);
  return { isTaken: response.ok, word: word ?? (response.ok ? "accepted" : "refused") };
}
