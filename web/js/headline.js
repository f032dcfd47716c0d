// The figures at the top of a debate.

import { timesCaution, wordsCaution } from "./cautions.js";
import { h } from "./dom.js";
import { WRITE } from "./figure-formats.js";
import * as format from "./format.js";
import { reasonBook } from "./notes.js";
import { t } from "./words.js";

export function headline({ statistics, define }) {
  const { totals, notes } = statistics;
  const reasons = reasonBook(notes);
  const figures = [
    ["duration_seconds", "headline.duration_seconds", t("headline.ofRecording")],
    ["speech_seconds", "headline.speech_seconds", [share(totals), timesCaution(totals)]],
    ["speakers", "headline.speakers", t("headline.turns", { n: totals.turns, count: format.count(totals.turns) })],
    ["words", "headline.words", [sureness(totals), wordsCaution(totals)]],
    ["overlap_seconds", "headline.overlap_seconds", atOnce(totals)],
  ];
  return h(
    "div",
    { class: "headline" },
    h(
      "dl",
      {},
      figures.map(([field, name, hint]) =>
        h(
          "div",
          {},
          h("dt", {}, t(name), define(`totals.${field}`)),
          h("dd", { class: "figure" }, reasons.show(totals[field], WRITE[field], `totals.${field}`, field)),
          h("dd", { class: "hint" }, hint),
        ),
      ),
    ),
    reasons.list(),
  );
}

function share({ speech_seconds: part, duration_seconds: whole }) {
  return whole > 0 ? t("headline.share", { share: format.percent(part / whole) }) : t("headline.empty");
}

function sureness({ mean_confidence: sure }) {
  return sure === null ? t("headline.transcribed") : t("headline.sure", { share: format.percent(sure) });
}

function atOnce({ overlap_ratio: ratio }) {
  return ratio === null ? t("headline.atOnce") : t("headline.atOnceShare", { share: format.percent(ratio) });
}
