// The table of speakers: a group of columns at a time, or all; every column sorts, unknown figures stay last.

import { announce, h, hiddenText } from "./dom.js";
import { WRITE } from "./figure-formats.js";
import { GROUPS as GROUP_WORDS, OF_SPEAKER } from "./figure-words.js";
import { bar, nameTag } from "./speakers.js";
import { locale, t } from "./words.js";

const TIME = ["speaking_seconds", "share_of_speech", "share_of_duration", "overlap_seconds", "first_second"];
const TURNS = [
  ...["turns", "mean_turn_seconds", "median_turn_seconds", "longest_turn_seconds"],
  ...["median_patience_seconds", "patience_count"],
];
const WORDS = ["words", "share_of_words", "words_per_minute", "segments", "questions", "fillers_per_100_words"];
const LANGUAGE = ["mtld", "hdd", "mattr", "flesch_reading_ease", "flesch_kincaid_grade"];
const QUALITY = ["mean_confidence", "low_confidence_seconds"];
const MAIN = [
  ...["speaking_seconds", "share_of_speech", "words", "words_per_minute", "longest_turn_seconds", "turns"],
  "overlap_seconds",
];
const GROUPS = {
  main: MAIN,
  time: TIME,
  turns: TURNS,
  words: WORDS,
  language: LANGUAGE,
  quality: QUALITY,
  all: [...TIME, ...TURNS, ...WORDS, ...LANGUAGE, ...QUALITY],
};
const SORTED = { ascending: "table.sorted.ascending", descending: "table.sorted.descending" };
const BARS = "share_of_speech";

/** `reasons`: a new reasonBook(notes), whose letters belong to this table alone. */
export function speakerTable(context, newReasons) {
  const frame = h("div", { class: "table-frame", "data-scrolls": "x" });
  const explained = h("div");
  const draw = (group) => {
    context.kept.columns = group;
    const reasons = newReasons();
    frame.replaceChildren(table(context, GROUPS[group], reasons));
    explained.replaceChildren(...[reasons.list()].filter(Boolean));
  };
  draw(context.kept.columns);
  // The table may be wider than a phone: it scrolls in its own frame, which the keyboard reaches through the headers.
  return [choice(context.kept.columns, draw), frame, explained];
}

function choice(first, draw) {
  const options = Object.keys(GROUPS).map((group) => {
    const radio = h("input", {
      type: "radio",
      name: "columns",
      value: group,
      checked: group === first,
      onchange: () => draw(group),
    });
    return h("label", {}, radio, h("span", {}, t(GROUP_WORDS[group])));
  });
  return h("fieldset", { class: "segments" }, h("legend", {}, t("table.columns")), h("div", {}, options));
}

function table({ statistics, book, define }, fields, reasons) {
  const top = Math.max(...statistics.speakers.map((speaker) => speaker.share_of_speech ?? 0), 0);
  const rows = statistics.speakers.map((speaker, i) => ({
    speaker,
    entry: book.of(speaker.label),
    element: row(speaker, i, book.of(speaker.label), fields, top, reasons),
  }));
  const body = h("tbody");
  const keys = ["name", ...fields];
  const headers = keys.map((key) => header(key, define, () => sort(key)));
  let sorted = { key: null, direction: "descending" };

  function sort(key) {
    const first = key === "name" ? "ascending" : "descending";
    const other = first === "ascending" ? "descending" : "ascending";
    arrange(key, sorted.key === key && sorted.direction === first ? other : first);
    announce(t(SORTED[sorted.direction], { column: lowered(titleOf(key)) }));
  }

  function arrange(key, direction) {
    sorted = { key, direction };
    rows.sort(compare(key, direction));
    body.append(...rows.map((item) => item.element));
    headers.forEach((cell, i) => {
      if (keys[i] === key) cell.setAttribute("aria-sort", direction);
      else cell.removeAttribute("aria-sort");
    });
  }

  arrange(fields[0], "descending");
  return h("table", {}, h("caption", {}, t("table.caption")), h("thead", {}, h("tr", {}, headers)), body);
}

function titleOf(key) {
  return key === "name" ? t("table.speaker") : t(OF_SPEAKER[key]);
}

// "Words a minute" -> "words a minute", but "MTLD" stays.
function lowered(title) {
  return /^\p{Lu}\p{Lu}/u.test(title) ? title : title.charAt(0).toLocaleLowerCase(locale) + title.slice(1);
}

function header(key, define, onclick) {
  const title = titleOf(key);
  const definition = define(`speakers[].${key}`);
  return h(
    "th",
    {
      scope: "col",
      class: key === "name" ? null : "number",
      // Read out with each cell: the name of the button for the definition would be in the way.
      "aria-label": definition === null ? null : title,
    },
    h(
      "button",
      { type: "button", class: "sort", onclick },
      h("span", {}, title),
      h("span", { class: "sort-mark", "aria-hidden": "true" }),
    ),
    definition,
  );
}

function row(speaker, i, entry, fields, top, reasons) {
  const cells = fields.map((key) => {
    const paths = [`speakers[${speaker.label}].${key}`, `speakers[${i}].${key}`, `speakers[].${key}`];
    const value = reasons.show(speaker[key], WRITE[key], ...paths);
    const drawn =
      key === BARS && top > 0 ? h("span", { class: "cell-bar" }, bar(entry, (speaker[key] ?? 0) / top, "bar")) : null;
    return h("td", { class: "number" }, value, drawn);
  });
  const label = entry.named ? h("span", { class: "label" }, hiddenText(`${t("table.inFiles")} `), speaker.label) : null;
  return h("tr", {}, h("th", { scope: "row" }, nameTag(entry), label), cells);
}

function compare(key, direction) {
  const sign = direction === "ascending" ? 1 : -1;
  return (a, b) => {
    if (key === "name") return sign * a.entry.name.localeCompare(b.entry.name, locale);
    const [left, right] = [a.speaker[key], b.speaker[key]];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (left - right);
  };
}
