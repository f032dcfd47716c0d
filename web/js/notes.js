// What the statistics say about themselves. A figure that cannot be known is "–" with the reason, never 0.

import { h } from "./dom.js";
import { interfaceLanguage, parts, t } from "./words.js";

/** A reason as the statistics give it, which is in English whatever the interface speaks. */
export function reasonText(reason) {
  return h("span", { lang: "en" }, reason);
}

/** What the notes say of one field as a whole, such as "transcript" or "media": elements. */
export function remarksOn(field, notes) {
  return notes.filter((note) => note.field === field).map((note) => reasonText(note.reason));
}

/**
 * The reasons of `notes` by the path of the figure: [{field, reason, ours}]; ours: a reason of the page's own, in the
 * reader's language. Those of one view get letters, in the order of their use, that stand beside the dash; `list()`
 * explains the letters below.
 */
export function reasonBook(notes) {
  const reasons = new Map(notes.map((note) => [note.field, note]));
  const unsaid = { reason: t("notes.unsaid"), ours: true };
  const used = [];

  const letterOf = (note) => {
    if (!used.some(({ reason }) => reason === note.reason)) used.push(note);
    return letter(used.findIndex(({ reason }) => reason === note.reason));
  };

  return {
    /** `format(value)`, or for null the dash with the reason found under the first of `paths` that has one. */
    show(value, format, ...paths) {
      if (value !== null) return format(value);
      const path = paths.find((candidate) => reasons.has(candidate));
      const note = path === undefined ? unsaid : reasons.get(path);
      return h(
        "span",
        { class: "unknown-figure", title: note.reason, lang: note.ours ? null : "en" },
        h("span", { "aria-hidden": "true" }, "–"),
        h("sup", { "aria-hidden": "true" }, letterOf(note)),
        h(
          "span",
          { class: "visually-hidden", lang: interfaceLanguage },
          parts("notes.not-known", { reason: said(note) }),
        ),
      );
    },
    list() {
      if (used.length === 0) return null;
      return h(
        "ul",
        { class: "reasons" },
        used.map((note, i) => h("li", {}, h("sup", {}, letter(i)), " – ", said(note))),
      );
    },
  };
}

function said({ reason, ours }) {
  return ours ? reason : reasonText(reason);
}

function letter(i) {
  return i < 26 ? String.fromCharCode(97 + i) : `${letter(Math.floor(i / 26) - 1)}${letter(i % 26)}`;
}
