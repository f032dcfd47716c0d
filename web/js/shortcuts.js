// Keys of the debate view. They can be turned off (WCAG 2.1.4): whoever dictates would set them off by talking.

import { announce, h } from "./dom.js";

const SETTING = "debate-analyzer.shortcuts";
const KEYS = [
  ["Space or k", "Play or pause"],
  ["← →", "5 seconds back or on"],
  ["j l", "10 seconds back or on"],
  ["/", "Search the transcript"],
  ["Enter, Shift + Enter", "In the search: next or previous match"],
  ["↑ ↓", "In the transcript: previous or next utterance; Enter goes there"],
  ["?", "This list"],
];
const STEPS = { ArrowLeft: -5, ArrowRight: 5, j: -10, l: 10 };

/** {button, dialog}: the list of keys and what shows it. Listens until the view's signal aborts. */
export function shortcuts({ position, signal }, transcript) {
  const enabled = h("input", { type: "checkbox", id: "shortcuts-on" });
  enabled.checked = readSetting();
  enabled.addEventListener("change", () => {
    writeSetting(enabled.checked);
    announce(enabled.checked ? "Shortcuts are on" : "Shortcuts are off");
  });
  const dialog = h(
    "dialog",
    { class: "keys", "aria-labelledby": "keys-title" },
    h("h2", { id: "keys-title" }, "Keyboard shortcuts"),
    h(
      "dl",
      {},
      KEYS.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what))),
    ),
    h(
      "p",
      { class: "check" },
      enabled,
      h("label", { for: "shortcuts-on" }, "Single keys act at once (off: only Tab, Enter and the arrows)"),
    ),
    h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Close"),
  );

  const act = (event) => {
    if (event.key === "?") dialog.showModal();
    else if (event.key === "/") transcript.focusSearch();
    else if (event.key in STEPS) position.seek(position.seconds + STEPS[event.key]);
    else if (event.key === "k" || event.key === " ") return position.toggle();
    else return false;
    return true;
  };
  addEventListener(
    "keydown",
    (event) => {
      if (!enabled.checked || dialog.open || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented)
        return;
      if (belongsToElement(event) || !act(event)) return;
      event.preventDefault();
    },
    { signal },
  );

  const button = h(
    "button",
    { type: "button", class: "plain-button", onclick: () => dialog.showModal() },
    "Keyboard shortcuts",
  );
  return { button, dialog };
}

// Keys that the focused element understands itself stay with it.
function belongsToElement({ target, key }) {
  if (target.closest("input, select, textarea, audio, [data-keys=own]")) return true;
  if (key === " ") return target.closest("button, a, summary") !== null;
  if (key === "ArrowLeft" || key === "ArrowRight") return target.closest("[data-scrolls=x]") !== null;
  return false;
}

// Private windows may refuse storage (SecurityError): then the choice lasts as long as the page.
function readSetting() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch (error) {
    if (error instanceof DOMException) return true;
    throw error;
  }
}

function writeSetting(on) {
  try {
    localStorage.setItem(SETTING, on ? "on" : "off");
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
