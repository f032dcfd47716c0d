// Handing texts to the reader: as a file, or through the clipboard.

import { announce, h } from "./dom.js";
import { t } from "./words.js";

/** Saves `text` as a file that the page made itself. */
export function saveAs(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * Copies `text`, and says so. Where the browser refuses (no permission, no https), `place` shows it, to be copied by
 * hand.
 */
export async function copy(text, place) {
  place.replaceChildren();
  if (await written(text)) {
    announce(t("copy.done"));
    place.append(h("p", { class: "fine" }, t("copy.done")));
    return;
  }
  const field = h("textarea", { id: "copy-by-hand", readonly: true, rows: 4 }, text);
  place.append(h("label", { for: "copy-by-hand" }, t("copy.byHand")), field);
  field.focus();
  field.select();
}

async function written(text) {
  try {
    // Absent on plain http.
    if (navigator.clipboard === undefined) return false;
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    if (error instanceof DOMException) return false;
    throw error;
  }
}
