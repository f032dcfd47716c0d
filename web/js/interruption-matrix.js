// Who comes in on whom: a table shaded by how often; a cell lists its moments, which lead there.

import { announce, h } from "./dom.js";
import * as format from "./format.js";
import { remarksOn } from "./notes.js";
import { nameTag } from "./speakers.js";
import { parts, t } from "./words.js";

// Who comes in is understood only by who is heard before.
const LEAD_IN_S = 2;
const KINDS = ["interruptions", "butt_ins"];
const WORDS = {
  interruptions: {
    name: "matrix.interruptions",
    explained: "matrix.explained.interruptions",
    none: "matrix.none.interruptions",
    moments: "matrix.moments.interruptions",
  },
  butt_ins: {
    name: "matrix.butt_ins",
    explained: "matrix.explained.butt_ins",
    none: "matrix.none.butt_ins",
    moments: "matrix.moments.butt_ins",
  },
};

export function interruptionMatrix(context) {
  const { statistics } = context;
  if (KINDS.every((kind) => statistics[kind] === null)) {
    return h("p", { class: "notice" }, remarksOn("interruptions", statistics.notes)[0] ?? t("matrix.unknown"));
  }
  if (statistics.speakers.length < 2) return h("p", { class: "notice" }, t("matrix.one"));
  const shown = h("div");
  const draw = (kind) => {
    context.kept.matrix = kind;
    shown.replaceChildren(...matrix(context, kind));
  };
  const first = context.kept.matrix ?? KINDS.find((kind) => statistics[kind] !== null);
  draw(first);
  return h("figure", { class: "matrix" }, choice(context, first, draw), shown);
}

function choice({ define }, first, draw) {
  const options = KINDS.map((kind) => [
    h(
      "label",
      {},
      h("input", { type: "radio", name: "matrix", value: kind, checked: kind === first, onchange: () => draw(kind) }),
      h("span", {}, t(WORDS[kind].name)),
    ),
    define(kind),
  ]);
  return h("fieldset", { class: "segments" }, h("legend", {}, t("matrix.kind")), h("div", {}, options));
}

function matrix(context, kind) {
  const { statistics, book } = context;
  const pairs = statistics[kind];
  const caption = h("figcaption", {}, t(WORDS[kind].explained));
  if (pairs === null) {
    return [caption, h("p", { class: "notice" }, remarksOn(kind, statistics.notes)[0] ?? t("matrix.unknown"))];
  }
  if (pairs.every((pair) => pair.count === 0)) return [caption, h("p", { class: "notice" }, t(WORDS[kind].none))];
  const labels = takingPart(pairs, book);
  const moments = h("div", { class: "moments", id: "moments", tabindex: -1 });
  const most = Math.max(...pairs.map((pair) => pair.count));
  let open = null;
  const show = (pair, button) => {
    const again = open === button;
    open?.setAttribute("aria-expanded", "false");
    open = again ? null : button;
    open?.setAttribute("aria-expanded", "true");
    moments.replaceChildren(...(again ? [] : momentList(context, pair, kind)));
    if (!again) announce(t("matrix.momentsShown", { n: pair.count, count: format.count(pair.count) }));
  };
  return [caption, table(pairs, labels, book, most, kind, show), moments];
}

// Those who come in or are come in on, by speaking time; everybody else would be an empty row and column.
function takingPart(pairs, book) {
  const labels = new Set(pairs.filter((pair) => pair.count > 0).flatMap(({ by, of }) => [by, of]));
  const ranked = book.ranked.map((speaker) => speaker.label).filter((label) => labels.has(label));
  return [...ranked, ...[...labels].filter((label) => !ranked.includes(label))];
}

function table(pairs, labels, book, most, kind, show) {
  const byPair = new Map(pairs.map((pair) => [`${pair.by}\n${pair.of}`, pair]));
  const sum = (chosen) => pairs.filter(chosen).reduce((total, pair) => total + pair.count, 0);
  const total = (n) => h("td", { class: "number sum" }, format.count(n));
  const rows = labels.map((by) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, nameTag(book.of(by))),
      labels.map((of) => cell(byPair.get(`${by}\n${of}`), by === of, most, book, show)),
      total(sum((pair) => pair.by === by)),
    ),
  );
  return h(
    "div",
    { class: "table-frame", "data-scrolls": "x", tabindex: 0, role: "group", "aria-label": t(WORDS[kind].name) },
    h(
      "table",
      { class: "heat" },
      h("caption", {}, t("matrix.caption")),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, t("matrix.corner")),
          labels.map((of) => h("th", { scope: "col", class: "number" }, nameTag(book.of(of)))),
          h("th", { scope: "col", class: "number sum" }, t("matrix.made")),
        ),
      ),
      h(
        "tbody",
        {},
        rows,
        h(
          "tr",
          { class: "sums" },
          h("th", { scope: "row" }, t("matrix.received")),
          labels.map((of) => total(sum((pair) => pair.of === of))),
          total(sum(() => true)),
        ),
      ),
    ),
  );
}

function cell(pair, same, most, book, show) {
  if (same) return h("td", { class: "number same" }, h("span", { "aria-hidden": "true" }, "·"));
  if (pair === undefined || pair.count === 0) return h("td", { class: "number none" }, "0");
  const names = { by: book.of(pair.by).name, of: book.of(pair.of).name };
  const button = h("button", {
    type: "button",
    "aria-expanded": "false",
    "aria-controls": "moments",
    "aria-label": t("matrix.cell", { ...names, n: pair.count, count: format.count(pair.count) }),
  });
  button.addEventListener("click", () => show(pair, button));
  // The number is not in the button, because paper has numbers and no buttons.
  const number = h("span", { class: "cell-number", "aria-hidden": "true" }, format.count(pair.count));
  const element = h("td", { class: "number shaded" }, number, button);
  element.style.setProperty("--heat", `${Math.round((pair.count / most) * 100)}%`);
  return element;
}

function momentList({ position, href, book }, pair, kind) {
  const name = (label) => h("bdi", {}, book.of(label).name);
  const links = pair.at.map((seconds) => {
    const from = Math.max(0, seconds - LEAD_IN_S);
    return h(
      "li",
      {},
      h(
        "a",
        {
          href: href(from),
          onclick: (event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            position.seek(from);
            announce(t("matrix.went", { time: format.clock(seconds) }));
          },
        },
        format.clock(seconds),
      ),
    );
  });
  return [
    h("p", {}, parts(WORDS[kind].moments, { by: name(pair.by), of: name(pair.of) })),
    h("ol", { class: "moment-list" }, links),
    h("p", { class: "fine" }, t("matrix.leadIn", { n: LEAD_IN_S, count: format.count(LEAD_IN_S) })),
  ];
}
