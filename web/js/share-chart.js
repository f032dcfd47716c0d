// Bars of speaking time, longest first. The table of speakers below holds the same numbers, and all the others.

import { h } from "./dom.js";
import * as format from "./format.js";
import { bar, nameTag } from "./speakers.js";
import { parts, t } from "./words.js";

// More bars than this are a wall; the table has everyone.
const BARS = 12;

export function shareChart({ book }) {
  const ranked = book.ranked;
  const longest = Math.max(...ranked.map((speaker) => speaker.speaking_seconds), 0);
  const rows = ranked.slice(0, BARS).map((speaker) => {
    const entry = book.of(speaker.label);
    return h(
      "li",
      {},
      nameTag(entry),
      h("span", { class: "bar-track" }, bar(entry, longest > 0 ? speaker.speaking_seconds / longest : 0, "bar")),
      h("span", { class: "bar-value" }, amount(speaker)),
    );
  });
  return h(
    "figure",
    { class: "share-chart" },
    h("figcaption", {}, caption(ranked, book)),
    h("ol", { class: "bars" }, rows),
    ranked.length > BARS ? h("p", { class: "fine" }, rest(ranked.slice(BARS))) : null,
  );
}

function amount(speaker) {
  const time = format.duration(speaker.speaking_seconds);
  return speaker.share_of_speech === null
    ? time
    : [h("strong", {}, format.percent(speaker.share_of_speech)), ` · ${time}`];
}

function caption(ranked, book) {
  const [first] = ranked;
  if (first.share_of_speech === null) return t("share.of-each");
  const name = h("bdi", {}, book.of(first.label).name);
  if (ranked.length === 1) return parts("share.alone", { name });
  return parts("share.longest", { name, share: format.percent(first.share_of_speech) });
}

function rest(others) {
  const seconds = others.reduce((sum, speaker) => sum + speaker.speaking_seconds, 0);
  return t("share.rest", { n: others.length, time: format.duration(seconds) });
}
