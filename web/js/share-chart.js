// Bars of speaking time, longest first. The table of speakers below holds the same numbers, and all the others.

import { h } from "./dom.js";
import * as format from "./format.js";
import { bar, nameTag } from "./speakers.js";
import { parts, t } from "./words.js";

// More bars than this are a wall; the table has everyone.
const BARS = 12;

export function shareChart({ book }) {
  return h("figure", { class: "share-chart" }, h("figcaption", {}, caption(book.ranked, book)), shareBars(book));
}

/**
 * The bars alone. `full`: the share of speech that fills the width, for charts beside each other, where seconds say
 * nothing; else the longest speaker does.
 */
export function shareBars(book, full = null) {
  const longest = Math.max(...book.ranked.map((speaker) => speaker.speaking_seconds), 0);
  const filled = ({ share_of_speech: share, speaking_seconds: seconds }) => {
    if (full !== null && share !== null) return full > 0 ? share / full : 0;
    return longest > 0 ? seconds / longest : 0;
  };
  const rows = book.ranked.slice(0, BARS).map((speaker) => {
    const entry = book.of(speaker.label);
    return h(
      "li",
      {},
      nameTag(entry),
      h("span", { class: "bar-track" }, bar(entry, filled(speaker), "bar")),
      h("span", { class: "bar-value" }, amount(speaker, full === null)),
    );
  });
  return [
    h("ol", { class: "bars" }, rows),
    book.ranked.length > BARS ? h("p", { class: "fine" }, rest(book.ranked.slice(BARS))) : null,
  ];
}

function amount(speaker, withTime) {
  const time = format.duration(speaker.speaking_seconds);
  if (speaker.share_of_speech === null) return time;
  return [h("strong", {}, format.percent(speaker.share_of_speech)), withTime ? ` · ${time}` : null];
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
