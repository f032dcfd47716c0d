// One debate: the sentence, the figures, speakers, timeline, shares over time, interruptions, transcript, quality,
// downloads; the recording stays in sight.

import { sharesCaution, timesCaution, wordsCaution } from "./cautions.js";
import { definitionBook } from "./definitions.js";
import { bdi, h } from "./dom.js";
import { downloads } from "./downloads.js";
import * as format from "./format.js";
import { headline } from "./headline.js";
import { interruptionMatrix } from "./interruption-matrix.js";
import { LocalNames } from "./names.js";
import { reasonBook, remarksOn } from "./notes.js";
import { playback } from "./playback.js";
import { momentLink, player } from "./player.js";
import { quality } from "./quality.js";
import { renaming } from "./rename.js";
import { debateHref, parseRoute, passageHref } from "./route.js";
import { checkDebate } from "./shapes.js";
import { shareChart } from "./share-chart.js";
import { shareOverTime } from "./share-over-time.js";
import { shortcuts } from "./shortcuts.js";
import { speakerTable } from "./speaker-table.js";
import { speakerBook } from "./speakers.js";
import { load, webUrl } from "./store.js";
import { summarySentence } from "./summary-sentence.js";
import { timeline } from "./timeline.js";
import { totalsTable } from "./totals-table.js";
import { transcriptSection } from "./transcript-section.js";
import { t } from "./words.js";

const TITLES = {
  speakers: "debate.speakers",
  when: "debate.when",
  shares: "debate.shares",
  interruptions: "debate.interruptions",
};

export async function debateView(route, signal) {
  const original = await load(`by-job/${route.id}.json`, checkDebate, signal);
  const context = contextOf(original, route.id, signal);
  const { position, names } = context;

  // A reader who goes to a moment finds it in the address: reloading and sharing keep the place.
  position.addEventListener("seek", () => history.replaceState(null, "", context.href(position.seconds)), { signal });
  names.addEventListener("change", () => applyNames(context), { signal });

  // First: the others ask whether there is something to play.
  const recording = player(context);
  const rename = renaming(context);
  const transcript = transcriptSection(context);
  const keys = shortcuts(context, transcript);
  const element = h(
    "article",
    { class: "debate" },
    h("p", { class: "back" }, h("a", { href: "#/" }, t("debate.back"))),
    title(original),
    drawnAnew(context, () => summarySentence(context)),
    warnings(original),
    headline(context),
    recording,
    section("speakers", original.speakers.length === 0 ? nobody() : speakers(context, rename)),
    section(
      "when",
      timesCaution(original.totals),
      drawnAnew(context, (redrawn) => timeline(redrawn)),
    ),
    section(
      "shares",
      sharesCaution(original.totals),
      drawnAnew(context, (redrawn) => shareOverTime(redrawn)),
    ),
    section(
      "interruptions",
      drawnAnew(context, (redrawn) => interruptionMatrix(redrawn)),
    ),
    titled(
      "listen",
      t(original.media.url === null ? "debate.follow" : "debate.listen"),
      h("p", { class: "moment-line" }, momentLink(context), keys.button),
      transcript.element,
    ),
    quality(context),
    downloads(context),
    keys.dialog,
    rename.dialog,
    context.definitions,
  );

  const goTo = ({ seconds, selection }) => {
    if (selection !== null) transcript.goToPassage(selection);
    if (selection === null && seconds === null) return;
    if (selection === null) position.seek(seconds);
    transcript.element.closest("section").scrollIntoView();
  };
  // Another passage of the same debate, by the address alone; a moment comes through `seek`.
  addEventListener(
    "hashchange",
    () => {
      const next = parseRoute(location.hash);
      if (next.id === route.id && next.selection) goTo(next);
    },
    { signal },
  );
  return {
    title: original.title || original.job_id,
    announcement: `${original.title || original.job_id}. ${counted(original.speakers.length)}`,
    element,
    seek: (seconds) => position.seek(seconds),
    mounted: () => {
      transcript.mounted();
      goTo(route);
    },
  };
}

/**
 * What the parts of the view share. original: the statistics as published; statistics, book: under the names that the
 * reader gave; define(path): the button of a definition, or null; kept: what outlives the drawing of a part anew.
 */
function contextOf(original, id, signal) {
  const names = new LocalNames(id);
  const definitions = definitionBook(original);
  const context = {
    original,
    names,
    signal,
    definitions: definitions.element,
    define: definitions.button,
    position: playback(original.totals.duration_seconds),
    kept: { zoom: null, columns: "main", matrix: null },
    href: (seconds) => debateHref(id, seconds),
    passageHref: (passage) => passageHref(id, passage),
  };
  applyNames(context);
  return context;
}

function applyNames(context) {
  context.statistics = context.names.applyTo(context.original);
  context.book = speakerBook(context.statistics.speakers);
}

/** A part that is drawn again when a name changes. `draw` gets the context with a signal that ends with the drawing. */
function drawnAnew(context, draw) {
  const holder = h("div");
  let drawing = new AbortController();
  const redraw = () => {
    drawing.abort();
    drawing = new AbortController();
    const redrawn = Object.create(context, {
      signal: { value: AbortSignal.any([context.signal, drawing.signal]) },
    });
    holder.replaceChildren(...[draw(redrawn)].flat(Infinity).filter(Boolean));
  };
  context.names.addEventListener("change", redraw, { signal: context.signal });
  redraw();
  return holder;
}

function section(name, ...children) {
  return titled(name, t(TITLES[name]), children);
}

function titled(name, text, ...children) {
  return h(
    "section",
    { class: name, "aria-labelledby": `${name}-title` },
    h("h2", { id: `${name}-title` }, text),
    children,
  );
}

function counted(n) {
  return t("speakers.count", { n });
}

function title(statistics) {
  const source = webUrl(statistics.source_url);
  const facts = [
    h(
      "time",
      { datetime: statistics.generated_at },
      t("debate.analysed", { date: format.date(statistics.generated_at) }),
    ),
    statistics.language === null ? t("debate.languageUnknown") : format.language(statistics.language),
    source === null ? null : h("a", { href: source, rel: "noopener noreferrer" }, t("debate.source")),
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

function nobody() {
  return h("p", { class: "notice" }, t("debate.nobody"));
}

function speakers(context, rename) {
  const { totals, notes } = context.original;
  const newReasons = () => reasonBook(notes);
  const ofTotals = newReasons();
  return [
    sharesCaution(totals),
    drawnAnew(context, (redrawn) => shareChart(redrawn)),
    h("div", { class: "rename-line" }, rename.button, rename.remark),
    wordsCaution(totals),
    drawnAnew(context, (redrawn) => speakerTable(redrawn, newReasons)),
    h(
      "details",
      { class: "as-table" },
      h("summary", {}, t("totals.open")),
      totalsTable(context, ofTotals),
      ofTotals.list(),
    ),
  ];
}
