// What stands around every view: the page's name, its fixed texts, the choice of language, whom to ask.

import { config } from "./config.js";
import { h } from "./dom.js";
import { interfaceLanguage, OWN_NAMES, speak, t } from "./words.js";

// The window has no <bdi>: a title that turns the direction would turn the page's name with it.
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Puts the words of index.html into the reader's language, and into its places what config.json says. */
export function fillFrame() {
  document.documentElement.lang = interfaceLanguage;
  for (const element of document.querySelectorAll("[data-words]")) element.textContent = t(element.dataset.words);
  document.querySelector(".wordmark").textContent = config.title;
  document.querySelector(".masthead").append(languages());
  const contact = contactUrl(config.contact);
  if (contact !== null) document.querySelector(".colophon-links").append(h("a", { href: contact }, t("app.contact")));
}

/** The window's title for a view's own title, or null. */
export function windowTitle(title) {
  return title ? `${title.replace(TURNS, "")} – ${config.title}` : config.title;
}

function languages() {
  return h(
    "div",
    { class: "languages", role: "group", "aria-label": t("app.language") },
    Object.entries(OWN_NAMES).map(([language, name]) =>
      h(
        "button",
        {
          type: "button",
          class: "plain-button",
          lang: language,
          "aria-pressed": String(language === interfaceLanguage),
          onclick: () => speak(language),
        },
        name,
      ),
    ),
  );
}

/** A mail or web address; anything else, "javascript:" above all, is null. */
function contactUrl(address) {
  if (address === null || !URL.canParse(address)) return null;
  const url = new URL(address);
  return ["https:", "http:", "mailto:"].includes(url.protocol) ? url.href : null;
}
