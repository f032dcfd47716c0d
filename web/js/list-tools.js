// Search, filters and order above the list of debates.

import { isNarrowed, languagesOf, namesOf, SORTS, widened } from "./debate-filter.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { t } from "./words.js";

const SORT_WORDS = {
  newest: "list.sort.newest",
  title: "list.sort.title",
  length: "list.sort.length",
  speakers: "list.sort.speakers",
};

/**
 * {element, show(choice, found)}. `onChoice(change)` is told what the reader changes: a part of the choice, such as
 * {lang: "cs"}. A filter that could not leave anything out is not there.
 */
export function listTools(jobs, onChoice) {
  const search = h("input", {
    type: "search",
    id: "list-search",
    maxlength: 200,
    oninput: () => onChoice({ q: search.value }),
  });
  const languages = languagesOf(jobs)
    .map((code) => [code, format.language(code)])
    .sort(([, a], [, b]) => a.localeCompare(b));
  const selects = {
    lang: languages.length > 1 ? select("lang", [["", t("list.every-language")], ...languages]) : null,
    speaker: oneOf(namesOf(jobs)),
    sort: select(
      "sort",
      SORTS.map((sort) => [sort, t(SORT_WORDS[sort])]),
    ),
  };
  // Says to screen readers how many are left, whenever it changes.
  const count = h("p", { class: "count", role: "status" });
  const clear = h("button", { type: "button", class: "button", onclick: clearAll }, t("list.clear"));

  function oneOf(names) {
    return names.length === 0
      ? null
      : select("speaker", [["", t("list.every-speaker")], ...names.map((name) => [name, name])]);
  }

  function select(name, options) {
    const element = h(
      "select",
      { id: `list-${name}`, onchange: () => onChoice({ [name]: element.value }) },
      options.map(([value, text]) => h("option", { value, dir: "auto" }, text)),
    );
    return element;
  }

  function clearAll() {
    onChoice(widened({}));
    // The button is about to go: the focus must not go with it.
    search.focus();
  }

  return {
    element: h(
      "search",
      { class: "list-tools" },
      tool(search, t("list.search"), "list-search"),
      tool(selects.lang, t("list.language"), "list-lang"),
      tool(selects.speaker, t("list.speaker"), "list-speaker"),
      tool(selects.sort, t("list.sort"), "list-sort"),
    ),
    state: h("div", { class: "list-state" }, count, clear),
    show(choice, found) {
      // While the reader types, the field is ahead of the choice at most by blanks: leave the caret where it is.
      if (search.value !== choice.q) search.value = choice.q;
      for (const [name, element] of Object.entries(selects)) if (element) element.value = choice[name];
      clear.hidden = !isNarrowed(choice);
      const text = isNarrowed(choice)
        ? t("list.found", { n: jobs.length, found: format.count(found) })
        : t("list.count", { n: jobs.length });
      if (count.textContent !== text) count.textContent = text;
    },
  };
}

function tool(control, label, id) {
  return control === null ? null : h("p", { class: "tool" }, h("label", { for: id }, label), control);
}
