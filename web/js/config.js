// What the people who run this page chose (config.json beside index.html). The file may be missing, or any field of it.

/** title: shown at the top and in the window's title. language: "en", "cs" or null (the browser's). contact: a link. */
const DEFAULTS = { title: "Debate Analyzer", language: null, contact: null };

export const config = { ...DEFAULTS, ...(await read()) };

async function read() {
  try {
    const response = await fetch(new URL("config.json", document.baseURI), { cache: "no-cache" });
    return response.ok ? clean(await response.json()) : {};
  } catch (error) {
    // Offline, or no JSON: the page is of use without it.
    if (error instanceof TypeError || error instanceof SyntaxError) return {};
    throw error;
  }
}

function clean(document) {
  const known = Object.entries(document ?? {}).filter(([name, value]) => name in DEFAULTS && typeof value === "string");
  return Object.fromEntries(known);
}
