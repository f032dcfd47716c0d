// The figures at the top of a debate.

import { h } from "./dom.js";
import * as format from "./format.js";
import { reasonBook } from "./notes.js";

export function headline(statistics) {
  const { totals, notes } = statistics;
  const reasons = reasonBook(notes);
  const ofSpeech =
    totals.overlap_ratio === null
      ? "two or more at once"
      : `${format.percent(totals.overlap_ratio)} of speech, two or more at once`;
  const figures = [
    ["Length", format.duration(totals.duration_seconds), "of the recording"],
    ["Speech", format.duration(totals.speech_seconds), share(totals.speech_seconds, totals.duration_seconds)],
    ["Speakers", format.count(totals.speakers), format.counted(totals.turns, "turn")],
    ["Words", format.count(totals.words), "as transcribed"],
    [
      "Overlap",
      reasons.show(totals.overlap_seconds, format.duration, "totals.overlap_seconds", "overlap_seconds"),
      ofSpeech,
    ],
  ];
  return h(
    "div",
    { class: "headline" },
    h(
      "dl",
      {},
      figures.map(([name, value, hint]) =>
        h("div", {}, h("dt", {}, name), h("dd", { class: "figure" }, value), h("dd", { class: "hint" }, hint)),
      ),
    ),
    reasons.list(),
  );
}

function share(part, whole) {
  return whole > 0 ? `${format.percent(part / whole)} of the recording` : "of an empty recording";
}
