// The states without a debate to show: what has happened, and what the reader can do.

import { h } from "./dom.js";
import { locale, t } from "./words.js";

/** By the kind of LoadError: the keys of the heading and of the sentence below it. */
const PROBLEMS = {
  offline: ["problem.offline", "problem.offline.help"],
  refused: ["problem.refused", "problem.refused.help"],
  server: ["problem.server", "problem.server.help"],
  malformed: ["problem.malformed", "problem.malformed.help"],
  newer: ["problem.newer", "problem.newer.help"],
};
/** What is missing, by the view that needs it. */
const MISSING = {
  list: ["problem.no-index", "problem.no-index.help"],
  debate: ["problem.no-debate", "problem.no-debate.help"],
  compare: ["problem.no-pair", "problem.no-pair.help"],
  person: ["problem.no-people", "problem.no-people.help"],
  people: ["problem.no-people", "problem.no-people.help"],
};

/** A view: {title, element, announcement}. */
export function message(title, text, ...more) {
  return {
    title,
    announcement: `${title}. ${text}`,
    element: h("section", { class: "message" }, h("h1", { tabindex: -1 }, title), h("p", {}, text), more),
  };
}

export const toList = () => h("p", {}, h("a", { href: "#/" }, t("nav.all-debates")));

export function loading() {
  return {
    announcement: t("app.loading"),
    element: h(
      "p",
      { class: "loading" },
      h("span", { class: "loading-bar", "aria-hidden": "true" }),
      `${t("app.loading")}…`,
    ),
  };
}

export function unknownAddress() {
  return message(t("problem.address"), t("problem.address.help"), toList());
}

export function broken() {
  return message(t("problem.broken"), t("problem.broken.help"), toList());
}

/** What a LoadError means to a reader of `route`. */
export function problem(error, route, retry) {
  const [title, text] = (error.kind === "missing" ? MISSING[route.view] : PROBLEMS[error.kind]).map((key) => t(key));
  return message(title, text, again(retry), route.view === "list" ? null : toList(), detail(error));
}

/** The same inside a page that is otherwise whole, such as a transcript that is missing. `what`: its name. */
export function partProblem(error, what, retry) {
  const keys = error.kind === "missing" ? ["problem.no-part", "problem.no-part.help"] : PROBLEMS[error.kind];
  const [title, text] = keys.map((key) => t(key));
  const inSentence = title.charAt(0).toLocaleLowerCase(locale) + title.slice(1);
  return h(
    "div",
    { class: "notice", role: "group", "aria-label": what },
    h("p", {}, h("strong", {}, `${what}: ${inSentence}. `), text),
    again(retry),
    detail(error),
  );
}

/** Above a view that is older than the server's documents. */
export function newFigures(reload) {
  return h(
    "div",
    { class: "notice news" },
    h("p", {}, t("app.news")),
    h("p", {}, h("button", { type: "button", class: "button", onclick: reload }, t("app.reload"))),
  );
}

function again(retry) {
  return h("p", {}, h("button", { type: "button", class: "button", onclick: retry }, t("app.again")));
}

// The address and what is wrong with it, for those who run the page: in English as in the server's log.
function detail(error) {
  return h("p", { class: "detail" }, h("code", { lang: "en" }, error.message));
}
