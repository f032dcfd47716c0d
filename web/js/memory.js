// What the browser remembers for the reader, and nobody else sees. A browser may refuse to keep anything.

const PREFIX = "debate-analyzer.";

/** The text kept under `name`, or null. */
export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Forgets what is kept under `name`. */
export function forget(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // Then nothing was kept.
  }
}

/** Keeps `text` under `name`; false where the browser refuses (blocked site data, no room). */
export function remember(name, text) {
  try {
    localStorage.setItem(PREFIX + name, text);
    return true;
  } catch {
    return false;
  }
}
