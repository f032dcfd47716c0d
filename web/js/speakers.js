// Who is who: the name, colour and stripes of every speaker of a debate. Names stand beside every colour, so that
// nobody has to tell people apart by colour.

import { bdi, h, svg } from "./dom.js";
import { t } from "./words.js";

const TONES = 8;
const UNKNOWN = "UNKNOWN";

/**
 * The speakers by speaking time: {label, name, named, className, striped}. The first eight have a colour, the next
 * eight the same with stripes, the others and the unknown are grey. `of(label)` never fails: a label that the
 * statistics do not list is shown by itself, in grey.
 */
export function speakerBook(speakers) {
  return jointBooks([speakers])[0];
}

/**
 * A book for each list of speakers. A colour means one person throughout: people who are known over debates keep
 * theirs, and a label, which is local to its debate, shares its colour with nobody of another.
 */
export function jointBooks(debates) {
  const heard = debates.flatMap((speakers, debate) => speakers.map((speaker) => ({ speaker, debate })));
  const ranks = ranksOf(heard.filter(({ speaker }) => speaker.label !== UNKNOWN));
  return debates.map((speakers, debate) => {
    const entries = new Map(
      speakers.map((speaker) => [speaker.label, entryOf(speaker, ranks.get(whoIs(speaker, debate)) ?? -1)]),
    );
    return {
      ranked: [...speakers].sort(bySpeakingTime),
      of: (label) => entries.get(label) ?? entryOf({ label, name: null }, -1),
    };
  });
}

const bySpeakingTime = (a, b) => b.speaking_seconds - a.speaking_seconds;

const whoIs = ({ person, label }, debate) => (person ? `person ${person}` : `${debate} ${label}`);

/** Who -> place by share of speech, each once: the same as by time in one debate, and fair to the shorter of two. */
function ranksOf(heard) {
  const share = ({ speaker }) => speaker.share_of_speech ?? 0;
  const order = [...heard].sort((a, b) => share(b) - share(a) || bySpeakingTime(a.speaker, b.speaker));
  const who = new Set(order.map(({ speaker, debate }) => whoIs(speaker, debate)));
  return new Map([...who].map((key, rank) => [key, rank]));
}

function entryOf({ label, name }, rank) {
  const coloured = rank >= 0 && rank < 2 * TONES;
  return {
    label,
    name: name || (label === UNKNOWN ? t("speakers.unknown") : label),
    named: Boolean(name),
    className: coloured ? `tone-${(rank % TONES) + 1}` : "tone-none",
    striped: coloured && rank >= TONES,
  };
}

/** The square in the speaker's colour; decoration beside the name. */
export function swatch(entry) {
  return svg(
    "svg",
    { class: `swatch ${entry.className}`, width: 12, height: 12, "aria-hidden": "true" },
    paint(entry, "100%"),
  );
}

/** A bar of `share` (0 to 1) of its width. Decoration: the number stands beside it. */
export function bar(entry, share, className) {
  const width = `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;
  return svg(
    "svg",
    { class: `${className} ${entry.className}`, width: "100%", height: "100%", "aria-hidden": "true" },
    paint(entry, width),
  );
}

function paint(entry, width) {
  const box = { width, height: "100%", rx: 1.5 };
  return [
    svg("rect", { ...box, class: "toned" }),
    entry.striped ? svg("rect", { ...box, fill: "url(#stripes)" }) : null,
  ];
}

/** Swatch and name. */
export function nameTag(entry) {
  return h(
    "span",
    { class: "name-tag" },
    swatch(entry),
    h("span", { class: "name", title: entry.name }, bdi(entry.name)),
  );
}
