// The address: which view, of what, where in it. Pure.
// "#/?q=bridge&sort=length" the list · "#/debate/<id>?t=83.2&sel=83.2-97" one debate at a moment, with a selection
// "#/compare/<id>/<id>" two debates · "#/people" · "#/person/<id>" one person over debates

// As the store names jobs and people: whatever else stands in an address never becomes part of a request.
const ID = "[a-z0-9][a-z0-9-]{0,62}";
const VIEWS = [
  [/^\/?$/, (query) => ({ view: "list", query: query.toString() })],
  [new RegExp(`^/debate/(${ID})$`), (query, id) => ({ view: "debate", id, ...place(query) })],
  [new RegExp(`^/compare/(${ID})/(?!\\1$)(${ID})$`), (query, first, second) => ({ view: "compare", first, second })],
  [/^\/people$/, () => ({ view: "people" })],
  [new RegExp(`^/person/(${ID})$`), (query, id) => ({ view: "person", id })],
];

/**
 * -> {view: "list", query} | {view: "debate", id, seconds | null, selection: {start, end} | null}
 * | {view: "compare", first, second} | {view: "people"} | {view: "person", id} | {view: "unknown"}
 */
export function parseRoute(hash) {
  const [path, query = ""] = hash.replace(/^#/, "").split("?", 2);
  for (const [pattern, route] of VIEWS) {
    const match = pattern.exec(path);
    if (match) return route(new URLSearchParams(query), ...match.slice(1));
  }
  return { view: "unknown" };
}

function place(query) {
  return { seconds: parseSeconds(query.get("t")), selection: parseSelection(query.get("sel")) };
}

function parseSeconds(text) {
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

function parseSelection(text) {
  const [start, end] = (text ?? "").split("-", 2).map(parseSeconds);
  return start === null || end === undefined || end === null || end <= start ? null : { start, end };
}

/** The address of a debate, at a moment if one is given; as fine as the documents, to find its utterance. */
export function debateHref(id, seconds = null) {
  return `#/debate/${id}${seconds === null ? "" : `?t=${fine(seconds)}`}`;
}

/** The address of a passage of a debate. */
export function passageHref(id, { start, end }) {
  return `#/debate/${id}?sel=${fine(start)}-${fine(end)}`;
}

const fine = (seconds) => Number(seconds.toFixed(3));

/** Of the comparison of two debates. */
export const compareHref = (first, second) => `#/compare/${first}/${second}`;

/** Of a person over debates. */
export const personHref = (id) => `#/person/${id}`;
