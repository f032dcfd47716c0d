// The list of debates.

import { bdi, h } from "./dom.js";
import * as format from "./format.js";
import { debateHref } from "./route.js";
import { checkIndex } from "./shapes.js";
import { load } from "./store.js";
import { parts, t } from "./words.js";

// More names than this and the line no longer helps to find a debate.
const NAMES_SHOWN = 4;

export async function listView(route, signal) {
  const index = await load("index.json", checkIndex, signal);
  return { title: null, element: draw(index), announcement: t("list.count", { n: index.jobs.length }) };
}

function draw(index) {
  if (index.jobs.length === 0) {
    return h(
      "section",
      { class: "message" },
      h("h1", { tabindex: -1 }, t("list.empty")),
      h("p", {}, t("list.empty.help")),
    );
  }
  return h(
    "section",
    {},
    h("h1", { tabindex: -1 }, t("list.title")),
    h("ul", { class: "debates" }, index.jobs.map(row)),
    h("p", { class: "fine" }, t("list.written", { date: format.dateTime(index.generated_at) })),
  );
}

function row(job) {
  const facts = [
    h("time", { datetime: job.updated_at }, format.date(job.updated_at)),
    format.duration(job.duration_seconds),
    t("speakers.count", { n: job.speaker_count }),
    job.language === null ? null : format.language(job.language),
  ];
  return h(
    "li",
    {},
    h("a", { href: debateHref(job.job_id), class: "debate-title" }, bdi(job.title || job.job_id)),
    h(
      "p",
      { class: "facts" },
      facts.filter(Boolean).map((fact) => h("span", {}, fact)),
    ),
    job.speaker_names.length === 0 ? null : h("p", { class: "names" }, names(job.speaker_names)),
  );
}

function names(all) {
  const shown = all.slice(0, NAMES_SHOWN).flatMap((name, i) => (i === 0 ? [bdi(name)] : [", ", bdi(name)]));
  return all.length > NAMES_SHOWN ? parts("list.more-names", { names: shown, rest: all.length - NAMES_SHOWN }) : shown;
}
