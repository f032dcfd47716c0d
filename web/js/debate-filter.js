// Which debates the list shows, and in what order; how the address says so. Pure.

import { fold } from "./transcript-search.js";
import { locale } from "./words.js";

const collator = new Intl.Collator(locale, { numeric: true });
const newestFirst = (a, b) => a.place - b.place;

/** By name: how two entries compare. The index is newest first. */
const ORDERS = {
  newest: newestFirst,
  title: (a, b) => collator.compare(a.title, b.title) || newestFirst(a, b),
  length: (a, b) => b.job.duration_seconds - a.job.duration_seconds || newestFirst(a, b),
  speakers: (a, b) => b.job.speaker_count - a.job.speaker_count || newestFirst(a, b),
};
export const SORTS = Object.keys(ORDERS);
/** How many debates can be compared. */
export const PAIR = 2;

// What no reader can look for: labels that the machine gave.
const LABEL = /^(SPEAKER_\d+|UNKNOWN)$/;
// Stands in no id, and unescaped in an address.
const BETWEEN = ".";
const NOTHING = { q: "", lang: "", speaker: "", sort: "newest", pick: [] };

/** The query of an address -> {q, lang, speaker, sort, pick: [id]}; what it does not say is "" (all). */
export function parseChoice(query) {
  const given = new URLSearchParams(query);
  const sort = given.get("sort");
  return {
    q: given.get("q") ?? NOTHING.q,
    lang: given.get("lang") ?? NOTHING.lang,
    speaker: given.get("speaker") ?? NOTHING.speaker,
    sort: SORTS.includes(sort) ? sort : NOTHING.sort,
    pick: [...new Set((given.get("pick") ?? "").split(BETWEEN).filter(Boolean))].slice(0, PAIR),
  };
}

/** The shortest query for `choice`: "" when nothing is chosen. */
export function choiceQuery(choice) {
  const query = new URLSearchParams();
  for (const name of ["q", "lang", "speaker", "sort"]) {
    if (choice[name].trim() !== NOTHING[name]) query.set(name, choice[name]);
  }
  if (choice.pick.length > 0) query.set("pick", choice.pick.join(BETWEEN));
  return query.toString();
}

/** Whether `choice` leaves debates out. */
export const isNarrowed = ({ q, lang, speaker }) => q.trim() !== "" || lang !== "" || speaker !== "";

/** `choice` with all debates in it again. */
export const widened = (choice) => ({ ...choice, q: NOTHING.q, lang: NOTHING.lang, speaker: NOTHING.speaker });

/** What is looked at again and again, folded once: [{job, place, title, text}]. */
export function entriesOf(jobs) {
  return jobs.map((job, place) => {
    const title = job.title || job.job_id;
    return { job, place, title, text: fold([title, ...job.speaker_names].join("\n")) };
  });
}

/** entry -> whether it is shown: every word of `q` stands in the title or in a name. */
export function filterFor({ q, lang, speaker }) {
  const words = fold(q).split(/\s+/).filter(Boolean);
  return ({ job, text }) =>
    (lang === "" || job.language === lang) &&
    (speaker === "" || job.speaker_names.includes(speaker)) &&
    words.every((word) => text.includes(word));
}

/** The entries in the order of `sort`. */
export const sorted = (entries, sort) => [...entries].sort(ORDERS[sort]);

/** The languages of the debates, without those not known. */
export const languagesOf = (jobs) => [...new Set(jobs.map((job) => job.language).filter((code) => code !== null))];

/** The names of the named speakers, each once, in the order of the alphabet. */
export function namesOf(jobs) {
  const names = new Set(jobs.flatMap((job) => job.speaker_names).filter((name) => name !== "" && !LABEL.test(name)));
  return [...names].sort(collator.compare);
}
