// One debate: figures, speakers, timeline, recording with transcript, quality, downloads.

import { bdi, h } from "./dom.js";
import { downloads } from "./downloads.js";
import * as format from "./format.js";
import { headline } from "./headline.js";
import { reasonBook, remarksOn } from "./notes.js";
import { playback } from "./playback.js";
import { momentLink, player } from "./player.js";
import { quality } from "./quality.js";
import { debateHref } from "./route.js";
import { checkDebate } from "./shapes.js";
import { shareChart } from "./share-chart.js";
import { shortcuts } from "./shortcuts.js";
import { speakerTable } from "./speaker-table.js";
import { speakerBook } from "./speakers.js";
import { load, webUrl } from "./store.js";
import { timeline } from "./timeline.js";
import { transcriptSection } from "./transcript-section.js";

export async function debateView(route, signal) {
  const statistics = await load(`by-job/${route.id}.json`, checkDebate, signal);
  const book = speakerBook(statistics.speakers);
  const position = playback(statistics.totals.duration_seconds);
  const context = { statistics, book, position, signal, href: (seconds) => debateHref(route.id, seconds) };

  // A reader who goes to a moment finds it in the address: reloading and sharing keep the place.
  position.addEventListener("seek", () => history.replaceState(null, "", context.href(position.seconds)), { signal });

  const transcript = transcriptSection(context);
  const keys = shortcuts(context, transcript);
  const element = h(
    "article",
    { class: "debate" },
    h("p", { class: "back" }, h("a", { href: "#/" }, "All debates")),
    title(statistics),
    headline(statistics),
    warnings(statistics),
    speakers(context),
    h(
      "section",
      { class: "listen", "aria-labelledby": "listen-title" },
      h("h2", { id: "listen-title" }, statistics.media.url === null ? "Follow the debate" : "Listen and read"),
      player(context),
      timeline(context),
      h("p", { class: "moment-line" }, momentLink(context), keys.button),
      keys.dialog,
      transcript.element,
    ),
    quality(statistics),
    downloads(statistics),
  );

  return {
    title: statistics.title || statistics.job_id,
    announcement: `${statistics.title || statistics.job_id}. ${format.counted(statistics.speakers.length, "speaker")}`,
    element,
    seek: (seconds) => position.seek(seconds),
    mounted: () => {
      transcript.mounted();
      if (route.seconds === null) return;
      position.seek(route.seconds);
      document.getElementById("listen-title").scrollIntoView();
    },
  };
}

function title(statistics) {
  const source = webUrl(statistics.source_url);
  const facts = [
    h("time", { datetime: statistics.generated_at }, `Analysed ${format.date(statistics.generated_at)}`),
    statistics.language === null ? "Language not known" : format.language(statistics.language),
    source === null ? null : h("a", { href: source, rel: "noopener noreferrer" }, "Source video"),
  ];
  return h(
    "header",
    {},
    h("h1", { tabindex: -1 }, bdi(statistics.title || statistics.job_id)),
    h(
      "p",
      { class: "facts" },
      facts.filter(Boolean).map((fact) => h("span", {}, fact)),
    ),
  );
}

// What a reader must know before reading on, such as the limits of the models used.
function warnings({ notes }) {
  const remarks = remarksOn("transcript", notes);
  return remarks.length === 0
    ? null
    : h(
        "div",
        { class: "notice warnings", role: "note" },
        remarks.map((remark) => h("p", {}, remark)),
      );
}

function speakers(context) {
  const reasons = reasonBook(context.statistics.notes);
  return h(
    "section",
    { "aria-labelledby": "speakers-title" },
    h("h2", { id: "speakers-title" }, "Who spoke for how long"),
    context.statistics.speakers.length === 0
      ? h("p", { class: "notice" }, "No speaker was heard in this recording.")
      : [shareChart(context), speakerTable(context, reasons), reasons.list()],
  );
}
