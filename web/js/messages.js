// The states without a debate to show: what has happened, and what the reader can do.

import { h } from "./dom.js";

const WORDS = {
  offline: ["The server cannot be reached", "Check your connection, then try again."],
  refused: [
    "You may not read this",
    "The server refused it. Sign in, or ask the person who runs this page for access.",
  ],
  server: ["The server has a problem", "This is not your doing. Try again in a minute."],
  malformed: [
    "The data cannot be read",
    "A document is damaged or half written. Try again; if it stays so, run the statistics again.",
  ],
  newer: [
    "This page is older than the data",
    "The statistics were written by a newer release. Reload; if it stays so, the page itself has to be upgraded.",
  ],
};
const NO_INDEX = [
  "No statistics here yet",
  "statistics/index.json does not exist. It is written when the first debate is done.",
];
const NO_DEBATE = ["Debate not found", "It may have been withdrawn, or the address is mistyped."];

/** A view: {title, element, announcement}. */
function view(title, text, ...more) {
  return { title, announcement: `${title}. ${text}`, element: message(title, text, ...more) };
}

function message(title, text, ...more) {
  return h("section", { class: "message" }, h("h1", { tabindex: -1 }, title), h("p", {}, text), more);
}

const toList = () => h("p", {}, h("a", { href: "#/" }, "All debates"));

export function loading() {
  return {
    announcement: "Loading",
    element: h("p", { class: "loading" }, h("span", { class: "loading-bar", "aria-hidden": "true" }), "Loading…"),
  };
}

export function unknownAddress() {
  return view("There is no such page", "The address is mistyped.", toList());
}

export function broken() {
  return view(
    "This page has a fault",
    "It could not draw what it was given. The browser's console says where.",
    toList(),
  );
}

/** What a LoadError means to a reader of `route`. */
export function problem(error, route, retry) {
  const [title, text] = wordsFor(error, route);
  return view(
    title,
    text,
    h("p", {}, h("button", { type: "button", class: "button", onclick: retry }, "Try again")),
    route.view === "debate" ? toList() : null,
    detail(error),
  );
}

function wordsFor(error, route) {
  if (error.kind === "missing") return route.view === "debate" ? NO_DEBATE : NO_INDEX;
  return WORDS[error.kind];
}

/** The same inside a page that is otherwise whole, such as a transcript that is missing. */
export function partProblem(error, what, retry) {
  const [title, text] =
    error.kind === "missing" ? ["It is not on the server", "It may have been withdrawn."] : WORDS[error.kind];
  return h(
    "div",
    { class: "notice", role: "group", "aria-label": what },
    h("p", {}, h("strong", {}, `${what}: ${title.charAt(0).toLowerCase()}${title.slice(1)}. `), text),
    h("p", {}, h("button", { type: "button", class: "button", onclick: retry }, "Try again")),
    detail(error),
  );
}

function detail(error) {
  return h("p", { class: "detail" }, h("code", {}, error.message));
}
