// The list of debates: search, filters, order, two to compare, the people in them.

import { choiceQuery, entriesOf, filterFor, parseChoice, sorted, widened } from "./debate-filter.js";
import { bdi, h } from "./dom.js";
import * as format from "./format.js";
import { listPair } from "./list-pair.js";
import { listTools } from "./list-tools.js";
import { message } from "./messages.js";
import { debateHref, personHref } from "./route.js";
import { checkIndex, checkSummary } from "./shapes.js";
import { isStale } from "./stale.js";
import { load, loadIfThere } from "./store.js";
import { parts, t } from "./words.js";

// More names than this and the line no longer helps to find a debate.
const NAMES_SHOWN = 4;
// Browsers refuse an address that changes with every letter.
const ADDRESS_MS = 300;

export async function listView(route, signal) {
  const index = await load("index.json", checkIndex, signal);
  if (index.jobs.length === 0) return message(t("list.empty"), t("list.empty.help"));
  const list = debateList(index.jobs, parseChoice(route.query), signal);
  // The list does not wait for them, and stands without them.
  loadIfThere("summary.json", checkSummary, signal).then(
    (summary) => list.showPeople(summary?.people ?? []),
    ignoreAbort,
  );
  const element = h(
    "section",
    { class: "list" },
    h("h1", { tabindex: -1 }, t("list.title")),
    isStale(index) ? h("p", { class: "notice" }, t("list.stale", { date: format.dateTime(index.generated_at) })) : null,
    list.elements,
    h("p", { class: "fine" }, t("list.written", { date: format.dateTime(index.generated_at) })),
    list.bar,
  );
  return { title: null, element, announcement: t("list.count", { n: index.jobs.length }) };
}

const ignoreAbort = (error) => {
  if (error.name !== "AbortError") throw error;
};

function debateList(jobs, choice, signal) {
  const tools = listTools(jobs, (change) => choose(change));
  const pair = listPair(jobs, (pick) => choose({ pick }));
  const rows = entriesOf(jobs).map((entry) => ({ ...entry, ...row(entry.job, jobs.length > 1 ? pair : null) }));
  const list = h("ul", { class: "debates" });
  const nothing = h("p", { class: "notice" }, t("list.nothing"));
  const peopleLine = h("p", { class: "people-line" });
  let order = null;
  let waiting = null;
  signal.addEventListener("abort", () => clearTimeout(waiting));

  function choose(change) {
    choice = { ...choice, ...change };
    show();
    clearTimeout(waiting);
    waiting = setTimeout(writeAddress, ADDRESS_MS);
  }

  // Reloading, sharing and coming back find the same list.
  function writeAddress() {
    const query = choiceQuery(choice);
    history.replaceState(history.state, "", `#/${query ? `?${query}` : ""}`);
  }

  // Of hundreds of rows only those change that must: the browser has nothing to do for the others.
  function show() {
    if (order !== choice.sort) {
      order = choice.sort;
      list.append(...sorted(rows, order).map(({ element }) => element));
    }
    const shown = filterFor(choice);
    let found = 0;
    for (const item of rows) {
      const hidden = !shown(item);
      if (item.element.hidden !== hidden) item.element.hidden = hidden;
      if (!hidden) found += 1;
    }
    nothing.hidden = found > 0;
    tools.show(choice, found);
    pair.show(choice.pick);
  }

  choice = { ...choice, ...possible(choice, jobs) };
  show();
  // Typing ends with Enter or by going elsewhere: then the address must not be late.
  tools.element.addEventListener("change", writeAddress);
  return {
    elements: [
      jobs.length > 1 ? tools.element : null,
      h("div", { class: "list-line" }, tools.state, peopleLine),
      nothing,
      list,
    ],
    bar: pair.bar,
    showPeople(people) {
      if (people.length === 0) return;
      peopleLine.replaceChildren(h("a", { href: "#/people" }, t("list.people", { n: people.length })));
      const ids = peopleByDebate(people);
      for (const item of rows) if (ids.has(item.job.job_id)) item.showPeople(ids.get(item.job.job_id));
    },
  };
}

// An address may ask for a language or a speaker that no debate has any more: better all debates than none.
function possible({ lang, speaker }, jobs) {
  const all = widened({});
  return {
    lang: jobs.some((job) => job.language === lang) ? lang : all.lang,
    speaker: jobs.some((job) => job.speaker_names.includes(speaker)) ? speaker : all.speaker,
  };
}

function row(job, pair) {
  const facts = [
    h("time", { datetime: job.updated_at }, format.date(job.updated_at)),
    format.duration(job.duration_seconds),
    t("speakers.count", { n: job.speaker_count }),
    job.language === null ? null : format.language(job.language),
  ];
  const people =
    job.speaker_names.length === 0 ? null : h("p", { class: "names" }, names(job.speaker_names, new Map()));
  const element = h(
    "li",
    {},
    h(
      "div",
      { class: "debate-text" },
      h(
        "a",
        { href: debateHref(job.job_id), class: "debate-title", lang: format.languageTag(job.language) },
        bdi(job.title || job.job_id),
      ),
      h(
        "p",
        { class: "facts" },
        facts.filter(Boolean).map((fact) => h("span", {}, fact)),
      ),
      people,
    ),
    pair?.rowControl(job),
  );
  return { element, showPeople: (ids) => people?.replaceChildren(...names(job.speaker_names, ids)) };
}

/** The first names; who is known over debates is a link. `ids`: name -> person. */
function names(all, ids) {
  const shown = all.slice(0, NAMES_SHOWN).flatMap((name, i) => {
    const text = bdi(name);
    const item = ids.has(name) ? h("a", { href: personHref(ids.get(name)) }, text) : text;
    return i === 0 ? [item] : [", ", item];
  });
  const rest = all.length - NAMES_SHOWN;
  return (rest > 0 ? parts("list.more-names", { names: shown, rest: format.count(rest) }) : shown).flat();
}

/** job id -> name -> person. */
function peopleByDebate(people) {
  const debates = new Map();
  for (const { person, name, debates: appearances } of people) {
    for (const { job_id: id } of appearances) {
      if (!debates.has(id)) debates.set(id, new Map());
      debates.get(id).set(name, person);
    }
  }
  return debates;
}
