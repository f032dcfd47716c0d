// The table of speakers: every column sorts, unknown figures stay last.

import { announce, h, hiddenText } from "./dom.js";
import * as format from "./format.js";
import { bar, nameTag } from "./speakers.js";

const rate = (value) => format.count(Math.round(value));
const COLUMNS = [
  { key: "name", title: "Speaker" },
  { key: "speaking_seconds", title: "Speaking time", show: format.duration },
  { key: "share_of_speech", title: "Share of speech", show: format.percent, bar: true },
  { key: "words", title: "Words", show: format.count },
  { key: "words_per_minute", title: "Words a minute", show: rate },
  { key: "longest_turn_seconds", title: "Longest turn", show: format.duration },
  { key: "turns", title: "Turns", show: format.count },
  { key: "overlap_seconds", title: "In overlap", show: format.duration },
];

export function speakerTable({ statistics, book }, reasons) {
  const top = Math.max(...statistics.speakers.map((speaker) => speaker.share_of_speech ?? 0), 0);
  const rows = statistics.speakers.map((speaker, i) => ({
    speaker,
    entry: book.of(speaker.label),
    element: row(speaker, i, book.of(speaker.label), top, reasons),
  }));
  const body = h("tbody");
  const headers = COLUMNS.map((column) => header(column, () => sort(column)));
  let sorted = { key: null, direction: "descending" };

  function sort(column) {
    const first = column.key === "name" ? "ascending" : "descending";
    const other = first === "ascending" ? "descending" : "ascending";
    arrange(column, sorted.key === column.key && sorted.direction === first ? other : first);
    announce(`Sorted by ${column.title.toLowerCase()}, ${sorted.direction}`);
  }

  function arrange(column, direction) {
    sorted = { key: column.key, direction };
    rows.sort(compare(column.key, direction));
    body.append(...rows.map((item) => item.element));
    headers.forEach((cell, i) => {
      if (COLUMNS[i] === column) cell.setAttribute("aria-sort", direction);
      else cell.removeAttribute("aria-sort");
    });
  }

  arrange(COLUMNS[1], "descending");
  // The table may be wider than a phone: it scrolls in its own frame, which the keyboard reaches through the headers.
  return h(
    "div",
    { class: "table-frame", "data-scrolls": "x" },
    h("table", {}, h("caption", {}, "Every speaker in figures"), h("thead", {}, h("tr", {}, headers)), body),
  );
}

function header(column, onclick) {
  return h(
    "th",
    { scope: "col", class: column.show ? "number" : null },
    h(
      "button",
      { type: "button", onclick },
      h("span", {}, column.title),
      h("span", { class: "sort-mark", "aria-hidden": "true" }),
    ),
  );
}

function row(speaker, i, entry, top, reasons) {
  const cells = COLUMNS.slice(1).map((column) => {
    const key = column.key;
    const paths = [`speakers[${speaker.label}].${key}`, `speakers[${i}].${key}`, `speakers[].${key}`];
    const value = reasons.show(speaker[key], column.show, ...paths);
    const drawn =
      column.bar && top > 0 ? h("span", { class: "cell-bar" }, bar(entry, (speaker[key] ?? 0) / top, "bar")) : null;
    return h("td", { class: "number" }, value, drawn);
  });
  const label = entry.named ? h("span", { class: "label" }, hiddenText("in the files "), speaker.label) : null;
  return h("tr", {}, h("th", { scope: "row" }, nameTag(entry), label), cells);
}

function compare(key, direction) {
  const sign = direction === "ascending" ? 1 : -1;
  return (a, b) => {
    if (key === "name") return sign * a.entry.name.localeCompare(b.entry.name);
    const [left, right] = [a.speaker[key], b.speaker[key]];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (left - right);
  };
}
