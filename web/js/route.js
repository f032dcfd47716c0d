// The address: "#/" is the list, "#/debate/<id>?t=83.2" one debate at a moment. Pure.

// As the store names jobs: whatever else stands in an address never becomes part of a request.
const JOB_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** -> {view: "list"} | {view: "debate", id, seconds | null} | {view: "unknown"} */
export function parseRoute(hash) {
  const [path, query = ""] = hash.replace(/^#/, "").split("?", 2);
  if (path === "" || path === "/") return { view: "list" };
  const match = /^\/debate\/([^/]+)$/.exec(path);
  if (!match || !JOB_ID.test(match[1])) return { view: "unknown" };
  return { view: "debate", id: match[1], seconds: parseSeconds(new URLSearchParams(query).get("t")) };
}

function parseSeconds(text) {
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

/** The address of a debate, at a moment if one is given; as fine as the documents, to find its utterance. */
export function debateHref(id, seconds = null) {
  return `#/debate/${id}${seconds === null ? "" : `?t=${Number(seconds.toFixed(3))}`}`;
}
