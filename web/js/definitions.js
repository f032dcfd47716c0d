// What a figure means, one click away: definition, formula, unit, the parameters that it was computed with, source.

import { dialog } from "./dialog.js";
import { h } from "./dom.js";
import cs from "./words/cs/definitions.js";
import en from "./words/en/definitions.js";
import { interfaceLanguage, t } from "./words.js";

const definitions = { en, cs }[interfaceLanguage];

/** {element, button(path)}: the dialog, and the button for the figure of that path; null where nothing defines it. */
export function definitionBook(statistics) {
  const title = h("span");
  const body = h("div");
  const shown = dialog("definition", title, body);

  function show(path) {
    const definition = definitions[path];
    title.textContent = definition.name;
    body.replaceChildren(...content(path, definition, statistics.parameters));
    shown.open();
  }

  function button(path) {
    if (definitions[path] === undefined) return null;
    return h(
      "button",
      {
        type: "button",
        class: "define",
        "aria-haspopup": "dialog",
        "aria-label": t("definition.of", { name: definitions[path].name }),
        onclick: () => show(path),
      },
      h("span", { "aria-hidden": "true" }, "?"),
    );
  }

  return { element: shown.element, button };
}

function content(path, { definition, formula, unit, parameters, source }, values) {
  const rows = [
    [t("definition.formula"), formula === null ? null : h("code", {}, formula)],
    [t("definition.unit"), unit],
    ...parameters.map((name) => [h("code", {}, name), String(values[name] ?? t("definition.unknownParameter"))]),
    [t("definition.source"), source],
    [t("definition.field"), h("code", {}, path)],
  ];
  return [
    h("p", {}, definition),
    h(
      "dl",
      { class: "remarks" },
      rows
        .filter(([, value]) => value !== null)
        .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    ),
  ];
}
