// Every figure of the debate as a whole, each with its definition.

import { h } from "./dom.js";
import { WRITE } from "./figure-formats.js";
import { GROUPS as GROUP_WORDS, OF_DEBATE } from "./figure-words.js";
import { t } from "./words.js";

const GROUPS = {
  time: ["duration_seconds", "speech_seconds", "silence_seconds", "overlap_seconds", "overlap_ratio"],
  turns: [
    ...["speakers", "turns", "mean_turn_seconds", "median_turn_seconds", "longest_turn_seconds"],
    ...["switches_per_minute", "floor_transfers", "median_floor_transfer_seconds", "balance"],
  ],
  words: ["words", "segments", "questions"],
  quality: [
    ...["mean_confidence", "low_confidence_seconds", "low_confidence_share", "unknown_seconds", "unknown_share"],
    "untimed_segments",
  ],
};

export function totalsTable({ statistics, define }, reasons) {
  const { totals } = statistics;
  const row = (field) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, t(OF_DEBATE[field]), define(`totals.${field}`)),
      h("td", { class: "number" }, reasons.show(totals[field], WRITE[field], `totals.${field}`, field)),
    );
  const bodies = Object.entries(GROUPS).map(([group, fields]) =>
    h(
      "tbody",
      {},
      h("tr", { class: "group" }, h("th", { scope: "rowgroup", colspan: 2 }, t(GROUP_WORDS[group]))),
      fields.map(row),
    ),
  );
  return h("table", { class: "totals" }, h("caption", {}, t("totals.caption")), bodies);
}
