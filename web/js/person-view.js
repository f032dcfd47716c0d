// One person over debates: sums, ratios of sums, each debate as a bar and as a row.

import { bdi, h } from "./dom.js";
import * as format from "./format.js";
import { message, toList } from "./messages.js";
import { reasonBook } from "./notes.js";
import { debateHref } from "./route.js";
import { checkIndex, checkSummary } from "./shapes.js";
import { bar } from "./speakers.js";
import { load, loadIfThere } from "./store.js";
import { parts, t } from "./words.js";

// More bars than this are a wall; the table has every debate.
const BARS = 20;
const TONE = { className: "tone-1", striped: false };

/** Why a figure may not be known: the keys of the words. The statistics name people by id, and speak English. */
const WHY = {
  share_of_speech: "person.why.share",
  words_per_minute: "person.why.pace",
  questions: "person.why.questions",
  interruptions_made: "person.why.interruptions",
  interruptions_received: "person.why.interruptions",
};

const FIGURES = [
  { title: "person.speaking", name: "speaking_seconds", show: format.duration },
  { title: "person.share", name: "share_of_speech", show: format.percent, hint: "person.share.hint" },
  { title: "person.words", name: "words", show: format.count },
  { title: "person.pace", name: "words_per_minute", show: format.count, hint: "person.pace.hint" },
  { title: "person.turns", name: "turns", show: format.count },
  { title: "person.questions", name: "questions", show: format.count },
  { title: "person.made", name: "interruptions_made", show: format.count, hint: "person.estimated" },
  { title: "person.received", name: "interruptions_received", show: format.count, hint: "person.estimated" },
];
const CHARTS = [
  { title: "person.share", caption: "person.chart.share", name: "share_of_speech", show: format.percent },
  { title: "person.pace", caption: "person.chart.pace", name: "words_per_minute", show: format.count },
];

export async function personView({ id }, signal) {
  const [summary, index] = await Promise.all([
    load("summary.json", checkSummary, signal),
    // Only for the dates: the figures are whole without it.
    loadIfThere("index.json", checkIndex, signal),
  ]);
  const person = (summary.people ?? []).find((candidate) => candidate.person === id);
  if (person === undefined) return message(t("person.missing"), t("person.missing.help"), toPeople());
  const debates = dated(person.debates, index);
  const reasons = reasonBook(Object.entries(WHY).map(([field, key]) => ({ field, reason: t(key), ours: true })));
  return {
    title: person.name,
    announcement: `${person.name}. ${t("person.in-debates", { n: debates.length })}`,
    element: h(
      "article",
      { class: "person" },
      h("div", { class: "back" }, toPeople()),
      h("h1", { tabindex: -1 }, bdi(person.name)),
      h("p", { class: "facts" }, h("span", {}, t("person.in-debates", { n: debates.length }))),
      totals(person, reasons),
      h("p", { class: "hint" }, t("person.sums")),
      debates.length > 1 ? charts(debates) : null,
      table(debates, reasons),
      reasons.list(),
    ),
  };
}

const toPeople = () => h("p", {}, h("a", { href: "#/people" }, t("people.title")));

/** The debates with their dates, newest first; those without a date last. */
function dated(debates, index) {
  const dates = new Map((index?.jobs ?? []).map((job) => [job.job_id, job.updated_at]));
  return debates
    .map((debate) => ({ ...debate, date: dates.get(debate.job_id) ?? null }))
    .sort((a, b) => (Date.parse(b.date) || 0) - (Date.parse(a.date) || 0));
}

function totals(person, reasons) {
  return h(
    "div",
    { class: "headline" },
    h(
      "dl",
      {},
      FIGURES.map(({ title, name, show, hint }) =>
        h(
          "div",
          {},
          h("dt", {}, t(title)),
          h("dd", { class: "figure" }, reasons.show(person[name], show, name)),
          hint ? h("dd", { class: "hint" }, t(hint)) : null,
          known(person, name),
        ),
      ),
    ),
  );
}

/** Of how many debates a sum is, where some have no such figure. */
function known({ debates, ...person }, name) {
  const found = debates.filter((debate) => debate[name] !== null).length;
  if (person[name] === null || name === "words_per_minute" || found === debates.length) return null;
  return h("dd", { class: "hint" }, t("person.known-in", { n: debates.length, found: format.count(found) }));
}

function charts(debates) {
  return h(
    "section",
    { "aria-labelledby": "charts-title" },
    h("h2", { id: "charts-title" }, t("person.charts")),
    h(
      "div",
      { class: "pair" },
      CHARTS.map((chart) => bars(chart, debates.slice(0, BARS))),
    ),
    debates.length > BARS ? h("p", { class: "fine" }, t("person.rest", { n: debates.length - BARS })) : null,
  );
}

function bars({ title, caption, name, show }, debates) {
  const longest = Math.max(...debates.map((debate) => debate[name] ?? 0));
  return h(
    "figure",
    { class: "share-chart narrow-bars", "aria-label": t(title) },
    h("figcaption", {}, t(caption)),
    h(
      "ol",
      { class: "bars" },
      debates.map((debate) => {
        const value = debate[name];
        return h(
          "li",
          {},
          h("span", { class: "name", title: titleOf(debate) }, bdi(titleOf(debate))),
          h(
            "span",
            { class: "bar-track" },
            value === null ? null : bar(TONE, longest > 0 ? value / longest : 0, "bar"),
          ),
          h("span", { class: "bar-value" }, value === null ? t("compare.unknown") : h("strong", {}, show(value))),
        );
      }),
    ),
  );
}

function table(debates, reasons) {
  return h(
    "section",
    { "aria-labelledby": "debates-title" },
    h("h2", { id: "debates-title" }, t("person.by-debate")),
    h(
      "div",
      { class: "table-frame", "data-scrolls": "x" },
      h(
        "table",
        {},
        h("caption", {}, t("person.table")),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, t("person.debate")),
            FIGURES.map(({ title }) => h("th", { scope: "col", class: "number" }, t(title))),
          ),
        ),
        h(
          "tbody",
          {},
          debates.map((debate) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, link(debate)),
              FIGURES.map(({ name, show }) => h("td", { class: "number" }, reasons.show(debate[name], show, name))),
            ),
          ),
        ),
      ),
    ),
  );
}

const titleOf = (debate) => debate.title || debate.job_id;

/** Into the debate, where the person first speaks if that is known. */
function link(debate) {
  const first = debate.first_second;
  return [
    h("a", { href: debateHref(debate.job_id, first) }, bdi(titleOf(debate))),
    h(
      "span",
      { class: "row-hint" },
      debate.date === null ? null : h("time", { datetime: debate.date }, format.date(debate.date)),
      debate.date === null || first === null ? null : " · ",
      first === null ? null : parts("person.first", { time: format.clock(first) }),
    ),
  ];
}
