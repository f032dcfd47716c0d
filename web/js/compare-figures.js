// The figures that two debates are compared by: where each stands in the document, how it is written, and how far two
// values are apart, in words. A difference is never called good or bad.

import * as format from "./format.js";
import { t } from "./words.js";

// Rates over less speech than this are chance.
export const LEAST_SPEECH_S = 10;
/** Where the view says so of a debate: the path of the reason why it has no rates. */
export const LITTLE_SPEECH = "little-speech";

const total = (name) => ({ paths: [`totals.${name}`], of: ({ totals }) => totals[name] });
/** Events for each hour of speech, so that a long debate compares with a short one. */
const anHour = (paths, events) => ({
  paths: [...paths, LITTLE_SPEECH],
  of: (debate) => rate(events(debate), debate.totals.speech_seconds / 3600, debate.totals.speech_seconds),
});
const events = (pairs) => (pairs === null ? null : pairs.reduce((sum, { count }) => sum + count, 0));

function rate(amount, per, speech) {
  return amount === null || speech < LEAST_SPEECH_S ? null : amount / per;
}

const time = { show: format.duration, apart: format.duration };
const number = { show: format.count, apart: format.count };
const decimal = { show: format.decimal, apart: format.decimal };
const share = {
  show: format.percent,
  apart: (difference) => t("compare.points", { points: format.decimal(difference * 100) }),
};
const fraction = { show: format.index, apart: format.index };

/** [{title, figures: [{name, hint, paths, of, show, apart}]}]; name, hint, title: keys of words. */
export const GROUPS = [
  {
    title: "compare.group.size",
    figures: [
      { name: "figure.length", ...total("duration_seconds"), ...time },
      { name: "figure.speech", ...total("speech_seconds"), ...time },
      {
        name: "figure.speech-share",
        paths: [],
        of: ({ totals }) => (totals.duration_seconds > 0 ? totals.speech_seconds / totals.duration_seconds : null),
        ...share,
      },
      { name: "figure.speakers", ...total("speakers"), ...number },
      { name: "figure.words", ...total("words"), ...number },
    ],
  },
  {
    title: "compare.group.flow",
    figures: [
      {
        name: "figure.pace",
        hint: "figure.pace.hint",
        paths: [LITTLE_SPEECH],
        of: ({ totals }) => rate(totals.words, totals.speech_seconds / 60, totals.speech_seconds),
        ...number,
      },
      { name: "figure.switches", hint: "figure.switches.hint", ...total("switches_per_minute"), ...decimal },
      { name: "figure.median-turn", ...total("median_turn_seconds"), ...time },
      { name: "figure.longest-turn", ...total("longest_turn_seconds"), ...time },
      { name: "figure.transfer", hint: "figure.transfer.hint", ...total("median_floor_transfer_seconds"), ...time },
      { name: "figure.balance", hint: "figure.balance.hint", ...total("balance"), ...fraction },
      { name: "figure.overlap", hint: "figure.overlap.hint", ...total("overlap_ratio"), ...share },
      {
        name: "figure.interruptions",
        hint: "figure.an-hour",
        ...anHour(["interruptions"], ({ interruptions }) => events(interruptions)),
        ...decimal,
      },
      {
        name: "figure.butt-ins",
        hint: "figure.an-hour",
        ...anHour(["butt_ins"], ({ butt_ins: pairs }) => events(pairs)),
        ...decimal,
      },
      {
        name: "figure.questions",
        hint: "figure.an-hour",
        ...anHour(["totals.questions"], ({ totals }) => totals.questions),
        ...decimal,
      },
    ],
  },
  {
    title: "compare.group.trust",
    figures: [
      { name: "figure.confidence", ...total("mean_confidence"), ...share },
      { name: "figure.low-confidence", hint: "figure.of-speech", ...total("low_confidence_share"), ...share },
      { name: "figure.unknown", hint: "figure.of-speech", ...total("unknown_share"), ...share },
    ],
  },
];

/** How far `b` is from `a`, in words: "the same", "12 min more in B"; null where one is not known. */
export function difference({ show, apart }, a, b) {
  if (a === null || b === null) return null;
  if (show(a) === show(b)) return t("compare.same");
  return t(b > a ? "compare.more-in-b" : "compare.more-in-a", { amount: apart(Math.abs(b - a)) });
}
