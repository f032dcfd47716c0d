// How far the figures can be trusted: what is not known, and why.

import { h } from "./dom.js";
import * as format from "./format.js";
import { reasonText, remarksOn } from "./notes.js";
import { statisticsUrl } from "./store.js";
import { t } from "./words.js";

// Fields of notes that are written out where they matter, and need no second mention.
const SHOWN_WHOLE = ["transcript", "media"];

export function quality({ statistics, define }) {
  return h(
    "section",
    { class: "quality", "aria-labelledby": "quality-title" },
    h("h2", { id: "quality-title" }, t("quality.title")),
    h("p", {}, t("quality.machine")),
    h(
      "ul",
      {},
      facts(statistics, define).map((fact) => h("li", {}, fact)),
    ),
    remarks(statistics.notes.filter((note) => !SHOWN_WHOLE.includes(note.field))),
    parameters(statistics),
  );
}

function facts({ totals, files, notes }, define) {
  const report = statisticsUrl(files.report);
  return [
    [
      totals.mean_confidence === null
        ? t("quality.sureUnknown")
        : t("quality.sure", { share: format.percent(totals.mean_confidence) }),
      define("totals.mean_confidence"),
    ],
    totals.low_confidence_share === null
      ? null
      : [
          t("quality.unsure", {
            time: format.duration(totals.low_confidence_seconds ?? 0),
            share: format.percent(totals.low_confidence_share),
          }),
          define("totals.low_confidence_share"),
        ],
    [unknown(totals), define("totals.unknown_seconds")],
    totals.untimed_segments === null || totals.untimed_segments === 0
      ? null
      : [
          t("caution.untimed", { n: totals.untimed_segments, count: format.count(totals.untimed_segments) }),
          define("totals.untimed_segments"),
        ],
    [
      totals.overlap_seconds === null
        ? t("quality.overlapUnknown")
        : t("quality.overlap", { time: format.duration(totals.overlap_seconds) }),
      define("totals.overlap_seconds"),
    ],
    ...remarksOn("media", notes),
    report === null ? null : [h("a", { href: report }, t("quality.report")), " – ", t("quality.reportWhat")],
  ].filter(Boolean);
}

function unknown({ unknown_seconds: seconds, unknown_share: share }) {
  if (seconds === 0) return t("quality.allKnown");
  const time = format.duration(seconds);
  return share === null
    ? t("quality.someUnknown", { time })
    : t("quality.shareUnknown", { time, share: format.percent(share) });
}

function remarks(entries) {
  if (entries.length === 0) return null;
  // By reason: a release that lacks six figures says so once.
  const groups = [...Map.groupBy(entries, (note) => note.reason)];
  return h(
    "details",
    {},
    h("summary", {}, t("quality.remarks", { n: entries.length, count: format.count(entries.length) })),
    h(
      "dl",
      { class: "remarks" },
      groups.map(([reason, notes]) =>
        h(
          "div",
          {},
          h("dt", {}, reasonText(reason)),
          h(
            "dd",
            {},
            notes.map((note) => h("code", {}, note.field)),
          ),
        ),
      ),
    ),
  );
}

function parameters(statistics) {
  const entries = Object.entries(statistics.parameters);
  if (entries.length === 0) return null;
  return h(
    "details",
    {},
    h("summary", {}, t("quality.parameters")),
    h(
      "dl",
      { class: "remarks" },
      entries.map(([name, value]) => h("div", {}, h("dt", {}, h("code", {}, name)), h("dd", {}, String(value)))),
    ),
  );
}
