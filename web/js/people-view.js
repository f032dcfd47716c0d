// Everybody who is known over debates.

import { bdi, h } from "./dom.js";
import * as format from "./format.js";
import { message, toList } from "./messages.js";
import { reasonBook } from "./notes.js";
import { personHref } from "./route.js";
import { checkSummary } from "./shapes.js";
import { load } from "./store.js";
import { locale, t } from "./words.js";

const COLUMNS = [
  { title: "person.debates", of: ({ debates }) => debates.length, show: format.count },
  { title: "person.speaking", of: (person) => person.speaking_seconds, show: format.duration },
  { title: "person.share", of: (person) => person.share_of_speech, show: format.percent, why: "person.why.share" },
  { title: "person.pace", of: (person) => person.words_per_minute, show: format.count, why: "person.why.pace" },
];

export async function peopleView(route, signal) {
  const people = (await load("summary.json", checkSummary, signal)).people ?? [];
  if (people.length === 0) return message(t("people.none"), t("people.none.help"), toList());
  const reasons = reasonBook(
    COLUMNS.filter(({ why }) => why).map(({ why }) => ({ field: why, reason: t(why), ours: true })),
  );
  const byName = [...people].sort((a, b) => a.name.localeCompare(b.name, locale));
  return {
    title: t("people.title"),
    announcement: t("list.people", { n: people.length }),
    element: h(
      "section",
      {},
      h("div", { class: "back" }, toList()),
      h("h1", { tabindex: -1 }, t("people.title")),
      h("p", { class: "hint" }, t("person.sums")),
      h(
        "div",
        { class: "table-frame", "data-scrolls": "x" },
        h(
          "table",
          {},
          h("caption", {}, t("list.people", { n: people.length })),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              h("th", { scope: "col" }, t("person.name")),
              COLUMNS.map(({ title }) => h("th", { scope: "col", class: "number" }, t(title))),
            ),
          ),
          h(
            "tbody",
            {},
            byName.map((person) =>
              h(
                "tr",
                {},
                h("th", { scope: "row" }, h("a", { href: personHref(person.person) }, bdi(person.name))),
                COLUMNS.map(({ of, show, why }) => h("td", { class: "number" }, reasons.show(of(person), show, why))),
              ),
            ),
          ),
        ),
      ),
      reasons.list(),
    ),
  };
}
