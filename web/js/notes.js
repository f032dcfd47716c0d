// What the statistics say about themselves. A figure that cannot be known is "–" with the reason, never 0.

import { h, hiddenText } from "./dom.js";

const UNSAID = "Not known for this debate.";

/** What the notes say of one field as a whole, such as "transcript" or "media". */
export function remarksOn(field, notes) {
  return notes.filter((note) => note.field === field).map((note) => note.reason);
}

/**
 * The reasons of `notes` by the path of the figure. Those of one view get letters, in the order of their use, that
 * stand beside the dash; `list()` explains the letters below.
 */
export function reasonBook(notes) {
  const reasons = new Map(notes.map((note) => [note.field, note.reason]));
  const used = [];

  const letterOf = (reason) => {
    if (!used.includes(reason)) used.push(reason);
    return letter(used.indexOf(reason));
  };

  return {
    /** `format(value)`, or for null the dash with the reason found under the first of `paths` that has one. */
    show(value, format, ...paths) {
      if (value !== null) return format(value);
      const path = paths.find((candidate) => reasons.has(candidate));
      const reason = path === undefined ? UNSAID : reasons.get(path);
      return h(
        "span",
        { class: "unknown-figure", title: reason },
        h("span", { "aria-hidden": "true" }, "–"),
        h("sup", { "aria-hidden": "true" }, letterOf(reason)),
        hiddenText(`not known: ${reason}`),
      );
    },
    list() {
      if (used.length === 0) return null;
      return h(
        "ul",
        { class: "reasons" },
        used.map((reason, i) => h("li", {}, h("sup", {}, letter(i)), ` – ${reason}`)),
      );
    },
  };
}

function letter(i) {
  return i < 26 ? String.fromCharCode(97 + i) : `${letter(Math.floor(i / 26) - 1)}${letter(i % 26)}`;
}
