// Reads documents below statistics/, the only place that the page ever asks. Every failure has a kind, so that the page
// can say what it means and what to do.

import { NewerVersion, WrongShape } from "./shapes.js";

const BASE = new URL("statistics/", document.baseURI);
const WRITTEN = /"generated_at":\s*"[^"]*"/;
// By the signal of a view: what it was drawn from, [{url, content}].
const drawnFrom = new WeakMap();

/** kind: "offline" | "refused" | "missing" | "server" | "malformed" | "newer" */
export class LoadError extends Error {
  constructor(kind, url, detail) {
    super(`${url}: ${detail}`);
    this.kind = kind;
  }
}

/**
 * The address of a path that a document gives, or null when it points out of statistics/: documents are data, and data
 * must not send the reader elsewhere ("javascript:...", "//other.host/...", "../..").
 */
export function statisticsUrl(path) {
  if (path === null || !URL.canParse(path, BASE)) return null;
  const url = new URL(path, BASE);
  return url.origin === BASE.origin && url.pathname.startsWith(BASE.pathname) ? url.href : null;
}

/** A link to the outside: only http and https; anything else is null. */
export function webUrl(address) {
  if (address === null || !URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
}

/** Fetches `path` (below statistics/), parses it and runs `check` on it. Raises LoadError; AbortError when aborted. */
export async function load(path, check, signal) {
  const url = statisticsUrl(path);
  if (url === null) throw new LoadError("malformed", path, "points out of statistics/");
  const body = await fetchText(url, signal);
  // Those that say when they were written; a transcript is megabytes, and never changes without its figures.
  if (WRITTEN.test(body)) drawnFrom.set(signal, [...(drawnFrom.get(signal) ?? []), { url, content: contentOf(body) }]);
  try {
    return check(JSON.parse(body));
  } catch (error) {
    if (error instanceof NewerVersion) throw new LoadError("newer", url, error.message);
    if (error instanceof WrongShape || error instanceof SyntaxError)
      throw new LoadError("malformed", url, error.message);
    throw error;
  }
}

/** The same for what the view can do without: null where it cannot be had. */
export async function loadIfThere(path, check, signal) {
  try {
    return await load(path, check, signal);
  } catch (error) {
    if (error instanceof LoadError) return null;
    throw error;
  }
}

/** Whether the server has by now something else than the view of `signal` was drawn from, or refuses it. */
export async function outdated(signal) {
  for (const { url, content } of drawnFrom.get(signal) ?? []) {
    try {
      if (contentOf(await fetchText(url, signal)) !== content) return true;
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      if (error.kind === "missing" || error.kind === "refused") return true;
    }
  }
  return false;
}

// A document that was written again with nothing new in it is no news.
const contentOf = (body) => body.replace(WRITTEN, "");

async function fetchText(url, signal) {
  const response = await request(url, signal);
  if (response.status === 401 || response.status === 403)
    throw new LoadError("refused", url, `HTTP ${response.status}`);
  if (response.status === 404 || response.status === 410)
    throw new LoadError("missing", url, `HTTP ${response.status}`);
  if (!response.ok) throw new LoadError("server", url, `HTTP ${response.status}`);
  return read(response, url);
}

// "no-cache" asks the server each time (304 if nothing changed), also where it sends no caching headers.
async function request(url, signal) {
  try {
    return await fetch(url, { signal, cache: "no-cache" });
  } catch (error) {
    if (error instanceof TypeError) throw new LoadError("offline", url, error.message);
    throw error;
  }
}

async function read(response, url) {
  try {
    return await response.text();
  } catch (error) {
    if (error instanceof TypeError) throw new LoadError("offline", url, "the connection broke off");
    throw error;
  }
}
