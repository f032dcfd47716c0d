// The files of a debate, to take away.

import { speakersCsv } from "./csv.js";
import { h } from "./dom.js";
import { statisticsUrl } from "./store.js";
import { saveAs } from "./take-away.js";
import { t } from "./words.js";

const KINDS = [
  ["transcript", "downloads.transcript", "JSON"],
  ["words", "downloads.words", "JSON"],
  ["txt", "downloads.txt", "TXT"],
  ["vtt", "downloads.vtt", "WebVTT"],
  ["srt", "downloads.srt", "SRT"],
  ["rttm", "downloads.rttm", "RTTM"],
];

export function downloads(context) {
  const { job_id: id, files, media } = context.original;
  const links = [
    ...KINDS.map(([kind, name, type]) => [files[kind], t(name), type]),
    [media.url, t("downloads.recording"), t("downloads.audio")],
    [`by-job/${id}.json`, t("downloads.figures"), "JSON"],
  ].map(([path, name, type]) => [statisticsUrl(path), name, type]);
  const csv = h(
    "button",
    { type: "button", class: "plain-button", onclick: () => saveCsv(context) },
    t("downloads.speakers"),
  );
  return h(
    "section",
    { class: "downloads", "aria-labelledby": "downloads-title" },
    h("h2", { id: "downloads-title" }, t("downloads.title")),
    h(
      "ul",
      {},
      links
        .filter(([url]) => url !== null)
        .map(([url, name, type]) => item(h("a", { href: url, download: true }, name), type)),
      item(csv, "CSV"),
    ),
  );
}

function item(link, type) {
  return h("li", {}, link, h("span", { class: "type" }, type));
}

// Made here: the names that the reader gave are in it.
function saveCsv({ original, names }) {
  const nameOf = (label) => names.of(label) ?? original.speakers.find((speaker) => speaker.label === label).name;
  saveAs(`${original.job_id}-speakers.csv`, "text/csv", speakersCsv(original, nameOf));
}
