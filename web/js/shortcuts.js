// Keys of the debate view. They can be turned off (WCAG 2.1.4): whoever dictates would set them off by talking.

import { dialog as dialogOf } from "./dialog.js";
import { announce, h } from "./dom.js";
import { recall, remember } from "./memory.js";
import { t } from "./words.js";

const SETTING = "shortcuts";
const KEYS = [
  [() => t("keys.space"), "keys.play"],
  [() => "← →", "keys.five"],
  [() => "j l", "keys.ten"],
  [() => "/", "keys.search"],
  [() => "Enter, Shift + Enter", "keys.matches"],
  [() => "↑ ↓", "keys.utterances"],
  [() => "Shift + ↑ ↓", "keys.select"],
  [() => "+ − 0", "keys.zoom"],
  [() => "Shift + ← →", "keys.pan"],
  [() => "?", "keys.list"],
];
const STEPS = { ArrowLeft: -5, ArrowRight: 5, j: -10, l: 10 };

/** {button, dialog}: the list of keys and what shows it. Listens until the view's signal aborts. */
export function shortcuts({ position, signal }, transcript) {
  const enabled = h("input", { type: "checkbox", id: "shortcuts-on" });
  enabled.checked = recall(SETTING) !== "off";
  enabled.addEventListener("change", () => {
    remember(SETTING, enabled.checked ? "on" : "off");
    announce(t(enabled.checked ? "keys.on" : "keys.off"));
  });
  const shown = dialogOf("keys", t("keys.title"), [
    h(
      "dl",
      { class: "keys" },
      KEYS.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", {}, key())), h("dd", {}, t(what)))),
    ),
    h("p", { class: "check" }, enabled, h("label", { for: "shortcuts-on" }, t("keys.single"))),
  ]);

  const act = (event) => {
    if (event.key === "?") shown.open();
    else if (event.key === "/") transcript.focusSearch();
    else if (event.key in STEPS) position.seek(position.seconds + STEPS[event.key]);
    else if (event.key === "k" || event.key === " ") return position.toggle();
    else return false;
    return true;
  };
  addEventListener(
    "keydown",
    (event) => {
      if (
        !enabled.checked ||
        document.querySelector("dialog[open]") !== null ||
        event.ctrlKey ||
        event.altKey ||
        event.metaKey ||
        event.defaultPrevented
      )
        return;
      if (belongsToElement(event) || !act(event)) return;
      event.preventDefault();
    },
    { signal },
  );

  const button = h("button", { type: "button", class: "plain-button", onclick: shown.open }, t("keys.title"));
  return { button, dialog: shown.element };
}

// Keys that the focused element understands itself stay with it.
function belongsToElement({ target, key }) {
  if (target.closest("input, select, textarea, audio, [data-keys=own]")) return true;
  if (key === " ") return target.closest("button, a, summary") !== null;
  if (key === "ArrowLeft" || key === "ArrowRight") return target.closest("[data-scrolls=x]") !== null;
  return false;
}
