// What the people who run this page chose (config.json beside index.html). The file may be missing, or any field of it.

/** title: shown at the top and in the window's title. language: "en", "cs" or null (the browser's). contact: a link. */
const DEFAULTS = { title: "Debate Analyzer", language: null, contact: null };
// Nothing is drawn before it is here, and the page is of use without it.
const WAIT_MS = 3000;

export const config = { ...DEFAULTS, ...(await read()) };

async function read() {
  try {
    const signal = AbortSignal.timeout(WAIT_MS);
    const response = await fetch(new URL("config.json", document.baseURI), { cache: "no-cache", signal });
    return response.ok ? clean(await response.json()) : {};
  } catch (error) {
    // Offline, no JSON, or too slow.
    if (error instanceof TypeError || error instanceof SyntaxError || error.name === "TimeoutError") return {};
    throw error;
  }
}

function clean(document) {
  const known = Object.entries(document ?? {}).filter(
    ([name, value]) => Object.hasOwn(DEFAULTS, name) && typeof value === "string" && value.trim() !== "",
  );
  return Object.fromEntries(known);
}
