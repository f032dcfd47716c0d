// What the statistics say about themselves. A figure that cannot be known is "–" with the reason, never 0.

import { h } from "./dom.js";
import { interfaceLanguage, parts, t } from "./words.js";

/** A reason as the statistics give it, which is in English whatever the interface speaks. */
export function reasonText(reason) {
  return h("span", { lang: "en" }, reason);
}

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
      const reason = path === undefined ? null : reasons.get(path);
      return h(
        "span",
        { class: "unknown-figure", title: reason ?? t("notes.unsaid"), lang: reason === null ? null : "en" },
        h("span", { "aria-hidden": "true" }, "–"),
        h("sup", { "aria-hidden": "true" }, letterOf(reason)),
        h(
          "span",
          { class: "visually-hidden", lang: interfaceLanguage },
          parts("notes.not-known", { reason: said(reason) }),
        ),
      );
    },
    list() {
      if (used.length === 0) return null;
      return h(
        "ul",
        { class: "reasons" },
        used.map((reason, i) => h("li", {}, h("sup", {}, letter(i)), " – ", said(reason))),
      );
    },
  };
}

function said(reason) {
  return reason === null ? t("notes.unsaid") : reasonText(reason);
}

function letter(i) {
  return i < 26 ? String.fromCharCode(97 + i) : `${letter(Math.floor(i / 26) - 1)}${letter(i % 26)}`;
}
