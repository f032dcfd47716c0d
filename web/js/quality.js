// How far the figures can be trusted: what is not known, and why.

import { h } from "./dom.js";
import * as format from "./format.js";
import { remarksOn } from "./notes.js";
import { statisticsUrl } from "./store.js";

// Fields of notes that are written out where they matter, and need no second mention.
const SHOWN_WHOLE = ["transcript", "media"];

export function quality(statistics) {
  return h(
    "section",
    { class: "quality", "aria-labelledby": "quality-title" },
    h("h2", { id: "quality-title" }, "How far to trust this"),
    h(
      "p",
      {},
      "A machine wrote this transcript and told the voices apart. It mishears names, and where people talk at once " +
        "it can miss words or give them to the wrong person.",
    ),
    h(
      "ul",
      {},
      facts(statistics).map((fact) => h("li", {}, fact)),
    ),
    remarks(statistics.notes.filter((note) => !SHOWN_WHOLE.includes(note.field))),
    parameters(statistics),
  );
}

function facts({ totals, files, notes }) {
  const report = statisticsUrl(files.report);
  return [
    totals.mean_confidence === null
      ? "How sure the machine was of its words is not known."
      : `The machine was ${format.percent(totals.mean_confidence)} sure of its words on average.`,
    totals.unknown_seconds === 0
      ? "No stretch of speech is without a speaker."
      : `For ${format.duration(totals.unknown_seconds)} of speech it is not known who spoke.`,
    totals.overlap_seconds === null
      ? "How long people talk at once is not known."
      : `For ${format.duration(totals.overlap_seconds)} two or more people talk at once.`,
    ...remarksOn("media", notes),
    report === null ? null : [h("a", { href: report }, "Quality report"), " – what was dropped, gaps, models used"],
  ].filter(Boolean);
}

function remarks(entries) {
  if (entries.length === 0) return null;
  // By reason: a release that lacks six figures says so once.
  const groups = [...Map.groupBy(entries, (note) => note.reason)];
  return h(
    "details",
    {},
    h("summary", {}, format.counted(entries.length, "remark on single figures", "remarks on single figures")),
    h(
      "dl",
      { class: "remarks" },
      groups.map(([reason, notes]) =>
        h(
          "div",
          {},
          h("dt", {}, reason),
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
    h("summary", {}, "Parameters of the figures"),
    h(
      "dl",
      { class: "remarks" },
      entries.map(([name, value]) => h("div", {}, h("dt", {}, h("code", {}, name)), h("dd", {}, String(value)))),
    ),
  );
}
