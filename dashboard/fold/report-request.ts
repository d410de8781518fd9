// What is kept of a delivery, read from `GET /api/v1/deliveries/{id}`, and the `curl` line that sends it again. Pure.

import { read } from "./pointer.ts";
import { shownText } from "./report-text.ts";
import { parseReport, type Report } from "./report.ts";

export interface Request {
  method: string;
  query: string | null;
  headers: Header[];
  /** Null where it is no text. */
  text: string | null;
  base64: string | null;
  /** As it came; what is kept may be less. */
  bytes: number;
  /** Only the first 64 KiB are kept. */
  isCut: boolean;
}

export interface Header {
  name: string;
  value: string;
  /** It may hold a secret and was never kept. */
  isMasked: boolean;
}

export interface Whole {
  report: Report | null;
  /** Null where its body was never read, or it was a provider's question. */
  request: Request | null;
  /** No secret or key fitted it; null where the gateway does not say. */
  isUnproven: boolean | null;
}

const HEADERS_MAX = 200;
const HEADER_MAX = 4_096;

export function parseWhole(json: unknown): Whole {
  const unproven = read(json, "/unproven");
  return { report: parseReport(read(json, "/report")), request: parseRequest(read(json, "/request")), isUnproven: typeof unproven === "boolean" ? unproven : null };
}

function parseRequest(json: unknown): Request | null {
  if (typeof json !== "object" || json === null) return null;
  const masked = new Set(list(json, "masked"));
  const headers = list(json, "headers").slice(0, HEADERS_MAX).flatMap((pair): Header[] => {
    if (!Array.isArray(pair)) return [];
    const [name, value]: unknown[] = pair;
    return typeof name === "string" && typeof value === "string" ? [{ name, value: value.slice(0, HEADER_MAX), isMasked: masked.has(name) }] : [];
  });
  const bytes = read(json, "/body_bytes");
  return {
    method: text(json, "method") ?? "POST",
    query: text(json, "query"),
    headers,
    text: text(json, "body"),
    base64: text(json, "body_base64"),
    bytes: typeof bytes === "number" ? bytes : 0,
    isCut: read(json, "/cut") === true,
  };
}

export function headerOf(request: Request, name: string): string | null {
  return request.headers.find((header) => header.name.toLowerCase() === name)?.value ?? null;
}

/** Names and values of a form's body, each decoded; null where it is none. */
export function formOf(request: Request): [string, string][] | null {
  const type = headerOf(request, "content-type") ?? "";
  if (request.text === null || !/^application\/x-www-form-urlencoded\b/i.test(type)) return null;
  return [...new URLSearchParams(request.text)];
}

/** What belongs to the connection that brought it, not to the delivery. */
const OF_CONNECTION = /^(host|connection|content-length|transfer-encoding|expect|keep-alive|te|trailer|upgrade|accept-encoding|proxy-.*)$/i;

/** One line for a shell. A masked header becomes a variable that its reader must set; null where not all of the body is kept. */
export function curlOf(request: Request, hook: string): string | null {
  if (request.isCut) return null;
  const parts = ["curl"];
  if (request.method !== "POST") parts.push("-X", quoted(request.method));
  parts.push(quoted(request.query === null || request.query === "" ? hook : `${hook}?${request.query}`));
  for (const { name, value, isMasked } of request.headers) {
    if (OF_CONNECTION.test(name)) continue;
    // An empty header needs a semicolon, or curl takes it out.
    const header = value === "" ? `${name};` : `${name}: ${value}`;
    parts.push("-H", isMasked ? `${quoted(`${name}: `)}"$${variableOf(name)}"` : quoted(header));
  }
  // Else curl would say that it is a form.
  if (headerOf(request, "content-type") === null) parts.push("-H", "'content-type:'");
  if (request.base64 !== null) return [`printf %s ${quoted(request.base64)} | base64 -d |`, ...parts, "--data-binary", "@-"].join(" ");
  return [...parts, "--data-raw", quoted(request.text ?? "")].join(" ");
}

/** What a shell calls the value of a masked header. */
export function variableOf(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, "_");
}

/** A line that can be read but not always run: what shows nothing is spelt out. */
export function shownCurl(line: string): string {
  return shownText(line, 2_000);
}

/** For a shell nothing within single quotes means anything, but their end. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function text(json: unknown, key: string): string | null {
  const found = read(json, `/${key}`);
  return typeof found === "string" ? found : null;
}

function list(json: unknown, key: string): unknown[] {
  const found = read(json, `/${key}`);
  return Array.isArray(found) ? found : [];
}
