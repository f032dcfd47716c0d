// Names that the reader gives to speakers. They stay in this browser, until they are taken to the store as speakers.json.

import { forget, recall, remember } from "./memory.js";

const LONGEST = 200;

/** What is wrong with a speakers.json. `reason`: a key of words. */
export class BadNames extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** An EventTarget; "change" when a name did. */
export class LocalNames extends EventTarget {
  #key;
  #names;

  constructor(id) {
    super();
    this.#key = `names.${id}`;
    this.#names = read(this.#key);
  }

  get size() {
    return this.#names.size;
  }

  of(label) {
    return this.#names.get(label) ?? null;
  }

  /** Replaces all names: [[label, name], ...]; empty ones are left out. */
  replace(names) {
    this.#names = new Map(names.map(([label, name]) => [label, tidy(name)]).filter(([, name]) => name !== ""));
    write(this.#key, this.#names);
    this.dispatchEvent(new Event("change"));
  }

  /** The statistics under these names; the star, explained beside the chart, marks them wherever a name stands. */
  applyTo(statistics) {
    const speakers = statistics.speakers.map((speaker) => {
      const name = this.of(speaker.label);
      return name === null ? speaker : { ...speaker, name: `${name}*` };
    });
    return { ...statistics, speakers };
  }
}

/** One line, without the ends' blanks. */
export function tidy(name) {
  return name.replace(/\s+/g, " ").trim().slice(0, LONGEST);
}

/** speakers.json as the store keeps it: those who have a name, here or in the statistics. */
export function speakersDocument(speakers, names) {
  const entries = speakers
    .map(({ label, name, person }) => {
      const local = names.of(label);
      // Another name may well be another person; joining people over debates is not for the page to decide.
      return [label, { name: local ?? name, person: local === null || local === name ? person : null, source: "page" }];
    })
    .filter(([, { name }]) => name);
  return `${JSON.stringify({ schema_version: 1, speakers: Object.fromEntries(entries) }, null, 2)}\n`;
}

/** The names in the text of a speakers.json: [[label, name], ...]. Raises BadNames. */
export function namesIn(text) {
  const document = parse(text);
  if (typeof document !== "object" || document === null || typeof document.speakers !== "object" || !document.speakers)
    throw new BadNames("names.notSpeakers");
  if (document.schema_version !== 1) throw new BadNames("names.newer");
  return Object.entries(document.speakers).map(([label, person]) => {
    if (typeof person?.name !== "string") throw new BadNames("names.notSpeakers");
    return [label, person.name];
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new BadNames("names.notJson");
    throw error;
  }
}

// Another page of this origin may have written it: then there are no names.
function read(key) {
  try {
    const stored = JSON.parse(recall(key) ?? "{}");
    return new Map(Object.entries(stored ?? {}).filter(([, name]) => typeof name === "string" && name !== ""));
  } catch (error) {
    if (error instanceof SyntaxError) return new Map();
    throw error;
  }
}

// Where the browser refuses, the names last as long as the page.
function write(key, names) {
  if (names.size === 0) forget(key);
  else remember(key, JSON.stringify(Object.fromEntries(names)));
}
