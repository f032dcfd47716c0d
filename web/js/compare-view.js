// Two debates side by side: what keeps them from being compared, the key figures, who spoke how long.

import { MUCH_UNKNOWN, obstacles } from "./comparability.js";
import { difference, GROUPS, LEAST_SPEECH_S, LITTLE_SPEECH } from "./compare-figures.js";
import { bdi, h, hiddenText } from "./dom.js";
import * as format from "./format.js";
import { toList } from "./messages.js";
import { reasonBook } from "./notes.js";
import { debateHref, personHref } from "./route.js";
import { checkDebate } from "./shapes.js";
import { shareBars } from "./share-chart.js";
import { jointBooks } from "./speakers.js";
import { load } from "./store.js";
import { parts, t } from "./words.js";

/** How the two are called wherever there is no room for a title. */
const SIDES = ["A", "B"];
const OBSTACLES = {
  version: () => t("compare.obstacle.version"),
  parameters: ({ names }) =>
    parts("compare.obstacle.parameters", {
      n: names.length,
      names: format.listed(names.map((name) => h("code", {}, name))),
    }).flat(),
  "overlap-missing": ({ sides }) =>
    t(sides.length === 2 ? "compare.obstacle.overlap-both" : "compare.obstacle.overlap", { side: SIDES[sides[0]] }),
  language: ({ languages }) => {
    const [a, b] = languages.map((code) => (code === null ? t("compare.language-unknown") : format.language(code)));
    return t("compare.obstacle.language", { a, b });
  },
  length: () => t("compare.obstacle.length"),
  unknown: ({ sides }) =>
    t(sides.length === 2 ? "compare.obstacle.unknown-both" : "compare.obstacle.unknown", {
      side: SIDES[sides[0]],
      limit: format.percent(MUCH_UNKNOWN),
    }),
};

export async function compareView({ first, second }, signal) {
  const debates = await Promise.all([first, second].map((id) => load(`by-job/${id}.json`, checkDebate, signal)));
  const books = jointBooks(debates.map(({ speakers }) => speakers));
  const titles = debates.map(titleOf);
  return {
    title: t("compare.title-of", { a: titles[0], b: titles[1] }),
    announcement: t("compare.title-of", { a: titles[0], b: titles[1] }),
    element: h(
      "article",
      { class: "compare" },
      h("div", { class: "back" }, toList()),
      h("h1", { tabindex: -1 }, t("compare.title")),
      h("div", { class: "pair" }, debates.map(heading)),
      inWords(debates, books),
      remarks(debates),
      figures(debates),
      shares(debates, books),
      common(debates),
    ),
  };
}

const titleOf = (debate) => debate.title || debate.job_id;

const letter = (side) => h("span", { class: "side" }, SIDES[side]);

function heading(debate, side) {
  const facts = [
    format.duration(debate.totals.duration_seconds),
    debate.language === null ? t("compare.language-unknown") : format.language(debate.language),
    h("time", { datetime: debate.generated_at }, t("compare.analysed", { date: format.date(debate.generated_at) })),
  ];
  return h(
    "div",
    { class: "pair-heading" },
    h(
      "h2",
      {},
      letter(side),
      " ",
      h("a", { href: debateHref(debate.job_id), lang: format.languageTag(debate.language) }, bdi(titleOf(debate))),
    ),
    h(
      "p",
      { class: "facts" },
      facts.map((fact) => h("span", {}, fact)),
    ),
  );
}

/** What a reader would tell somebody else: said only where both are known. */
function inWords(debates, books) {
  const [a, b] = debates.map(({ totals }) => totals);
  const loudest = debates.map((_, side) => books[side].ranked.find(({ share_of_speech: share }) => share !== null));
  const both = (name, key, show) =>
    a[name] === null || b[name] === null ? null : t(key, { a: show(a[name]), b: show(b[name]) });
  const sentences = [
    lengths(a.duration_seconds, b.duration_seconds),
    loudest.every(Boolean)
      ? parts("compare.words.longest", {
          a: bdi(books[0].of(loudest[0].label).name),
          b: bdi(books[1].of(loudest[1].label).name),
          shareA: format.percent(loudest[0].share_of_speech),
          shareB: format.percent(loudest[1].share_of_speech),
        })
      : null,
    both("switches_per_minute", "compare.words.switches", format.decimal),
    both("overlap_ratio", "compare.words.overlap", format.percent),
  ].filter((sentence) => sentence !== null);
  return h(
    "p",
    { class: "summary" },
    sentences.map((sentence, i) => [i === 0 ? null : " ", sentence]),
  );
}

function lengths(a, b) {
  const [shorter, longer] = [a, b].sort((x, y) => x - y);
  if (shorter <= 0 || longer / shorter < 1.05) return t("compare.words.equally-long");
  return t(a > b ? "compare.words.a-longer" : "compare.words.b-longer", { times: format.decimal(longer / shorter) });
}

function remarks(debates) {
  const found = obstacles(debates);
  return found.length === 0
    ? null
    : h(
        "div",
        { class: "notice", role: "note" },
        h("h2", { class: "notice-title" }, t("compare.obstacles")),
        h(
          "ul",
          {},
          found.map((obstacle) => h("li", {}, OBSTACLES[obstacle.kind](obstacle))),
        ),
      );
}

// The roles are written out: at 320 pixels the rows are stacked, and a table that is laid out otherwise is else none.
function figures(debates) {
  const reasons = reasonBook(debates.flatMap(reasonsOf));
  return h(
    "section",
    { "aria-labelledby": "figures-title" },
    h("h2", { id: "figures-title" }, t("compare.figures")),
    h(
      "table",
      { class: "pair-table", role: "table" },
      h("caption", {}, t("compare.caption")),
      h(
        "thead",
        { role: "rowgroup" },
        h(
          "tr",
          { role: "row" },
          h("th", { scope: "col", role: "columnheader" }, t("compare.figure")),
          debates.map((debate, side) =>
            h(
              "th",
              { scope: "col", role: "columnheader", class: "number" },
              letter(side),
              hiddenText([" ", bdi(titleOf(debate))]),
            ),
          ),
          h("th", { scope: "col", role: "columnheader", class: "apart" }, t("compare.difference")),
        ),
      ),
      GROUPS.map((group) => groupOf(group, debates, reasons)),
    ),
    reasons.list(),
  );
}

const at = (side, field) => `${SIDES[side]}:${field}`;

function reasonsOf({ notes, totals }, side) {
  const why = { field: LITTLE_SPEECH, reason: t("compare.why.little-speech"), ours: true };
  const all = totals.speech_seconds < LEAST_SPEECH_S ? [...notes, why] : notes;
  return all.map((note) => ({ ...note, field: at(side, note.field) }));
}

function groupOf({ title, figures: rows }, debates, reasons) {
  return h(
    "tbody",
    { role: "rowgroup" },
    h("tr", { role: "row", class: "group" }, h("th", { scope: "rowgroup", role: "rowheader", colspan: 4 }, t(title))),
    rows.map((figure) => {
      const values = debates.map(figure.of);
      return h(
        "tr",
        { role: "row" },
        h(
          "th",
          { scope: "row", role: "rowheader" },
          t(figure.name),
          figure.hint ? h("span", { class: "row-hint" }, t(figure.hint)) : null,
        ),
        values.map((value, side) =>
          h(
            "td",
            { role: "cell", class: "number" },
            h("span", { class: "cell-side", "aria-hidden": "true" }, SIDES[side]),
            reasons.show(value, figure.show, ...figure.paths.map((path) => at(side, path))),
          ),
        ),
        h("td", { role: "cell", class: "apart" }, difference(figure, ...values) ?? t("compare.unknown")),
      );
    }),
  );
}

function shares(debates, books) {
  // One scale for both: a bar of the same length is the same share.
  const full = Math.max(...debates.flatMap(({ speakers }) => speakers.map((speaker) => speaker.share_of_speech ?? 0)));
  return h(
    "section",
    { "aria-labelledby": "shares-title" },
    h("h2", { id: "shares-title" }, t("compare.shares")),
    h("p", { class: "hint" }, t("compare.shares.hint")),
    h(
      "div",
      { class: "pair" },
      debates.map((debate, side) =>
        h(
          "figure",
          { class: "share-chart narrow-bars" },
          h("figcaption", {}, letter(side), " ", bdi(titleOf(debate))),
          debate.speakers.length === 0 ? h("p", {}, t("compare.no-speakers")) : shareBars(books[side], full),
        ),
      ),
    ),
  );
}

/** Those who are known to be the same person in both. */
function common(debates) {
  const [a, b] = debates.map(sharesByPerson);
  const both = [...a].filter(([person]) => b.has(person)).map(([person, inA]) => ({ person, inA, inB: b.get(person) }));
  if (both.length === 0) return null;
  return h(
    "section",
    { "aria-labelledby": "common-title" },
    h("h2", { id: "common-title" }, t("compare.people")),
    h(
      "table",
      { class: "people-table" },
      h("caption", {}, t("compare.people.caption")),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, t("person.name")),
          SIDES.map((_, side) => h("th", { scope: "col", class: "number" }, letter(side))),
        ),
      ),
      h(
        "tbody",
        {},
        both.map(({ person, inA, inB }) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, h("a", { href: personHref(person) }, bdi(inA.name))),
            [inA, inB].map(({ share }) => h("td", { class: "number" }, share === null ? "–" : format.percent(share))),
          ),
        ),
      ),
    ),
  );
}

/** person -> {name, share}; somebody whom the machine heard as two speakers is one. */
function sharesByPerson({ speakers }) {
  const people = new Map();
  for (const { person, name, label, share_of_speech: share } of speakers) {
    if (person === null) continue;
    const before = people.get(person);
    const sum = before && (before.share === null || share === null ? null : before.share + share);
    people.set(person, { name: name || label, share: before ? sum : share });
  }
  return people;
}
