// The debate in plain words, from its figures alone: what is not known is left out, not guessed.

import { bdi, h } from "./dom.js";
import * as format from "./format.js";
import { about } from "./time-in-words.js";
import { parts, t } from "./words.js";

const UNKNOWN = "UNKNOWN";
// Newspapers write numbers up to ten as words.
const NUMBERS = [
  "summary.number.1",
  "summary.number.2",
  "summary.number.3",
  "summary.number.4",
  "summary.number.5",
  "summary.number.6",
  "summary.number.7",
  "summary.number.8",
  "summary.number.9",
  "summary.number.10",
];
// Below that, talking at once is no news.
const OVERLAP_WORTH_A_WORD = 0.005;

export function summarySentence({ statistics, book }) {
  return h("p", { class: "lead" }, sentences(statistics, book));
}

function sentences({ totals, speakers, interruptions }, book) {
  const spoke = book.ranked.filter((speaker) => speaker.label !== UNKNOWN && speaker.speaking_seconds > 0);
  const name = (label) => bdi(book.of(label).name);
  if (spoke.length === 0) return t("summary.nobody", { time: about(totals.duration_seconds) });
  const time = about(totals.speech_seconds);
  if (spoke.length === 1) return [parts("summary.alone", { name: name(spoke[0].label), time }), over(totals)];
  const clauses = [
    t("summary.spoke", { n: spoke.length, people: people(spoke.length), time }),
    longest(spoke, name),
    mostInterrupted(interruptions, speakers, name),
  ].filter(Boolean);
  return [clauses.map((clause, i) => (i === 0 ? clause : ["; ", clause])), ".", over(totals)];
}

function longest([first, second], name) {
  // Equally long to the millisecond: neither spoke longest.
  if (first.share_of_speech === null || first.speaking_seconds === second.speaking_seconds) return null;
  return parts("summary.longest", { name: name(first.label), share: format.percent(first.share_of_speech) });
}

function mostInterrupted(pairs, speakers, name) {
  const [first, second] = interruptedMost(pairs ?? [], speakers);
  if (first === undefined || first.count === second?.count) return null;
  return parts("summary.interrupted", {
    name: name(first.label),
    times: t("summary.times", { n: first.count, count: format.count(first.count) }),
  });
}

/** Who is interrupted how often, most often first: [{label, count}], those that are at all. */
export function interruptedMost(pairs, speakers) {
  return speakers
    .map(({ label }) => ({
      label,
      count: pairs.filter((pair) => pair.of === label).reduce((sum, pair) => sum + pair.count, 0),
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

function over({ overlap_ratio: ratio }) {
  return ratio === null || ratio < OVERLAP_WORTH_A_WORD
    ? null
    : ` ${t("summary.overlap", { share: format.percent(ratio) })}`;
}

function people(n) {
  return n <= NUMBERS.length ? t(NUMBERS[n - 1]) : format.count(n);
}
