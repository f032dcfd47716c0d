// The files of a debate, to take away.

import { h } from "./dom.js";
import { statisticsUrl } from "./store.js";

const KINDS = [
  ["transcript", "Transcript", "JSON"],
  ["words", "Words with times", "JSON"],
  ["txt", "Plain text", "TXT"],
  ["vtt", "Captions", "WebVTT"],
  ["srt", "Subtitles", "SRT"],
  ["rttm", "Who spoke when", "RTTM"],
];

export function downloads({ job_id: id, files, media }) {
  const links = [
    ...KINDS.map(([kind, name, type]) => [files[kind], name, type]),
    [media.url, "Recording", "audio"],
    [`by-job/${id}.json`, "All figures", "JSON"],
  ].map(([path, name, type]) => [statisticsUrl(path), name, type]);
  return h(
    "section",
    { class: "downloads", "aria-labelledby": "downloads-title" },
    h("h2", { id: "downloads-title" }, "Downloads"),
    h(
      "ul",
      {},
      links
        .filter(([url]) => url !== null)
        .map(([url, name, type]) =>
          h("li", {}, h("a", { href: url, download: true }, name), h("span", { class: "type" }, type)),
        ),
    ),
  );
}
