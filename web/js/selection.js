// The passage that the reader has chosen: a link to it, a quote of it, playing it. By text selection, Shift + click or
// Shift + arrows; the address follows, so that the selection is the link.

import { announce, h } from "./dom.js";
import * as format from "./format.js";
import { copy } from "./take-away.js";
import { t } from "./words.js";

/**
 * {element, show({start, end, quotes}), clear()}: the bar of a passage; `quotes`: [{label, start, text}] in order.
 * `onClear()`, `onExtend()`: the reader asked for no passage, or for one utterance more.
 */
export function selectionBar(context, { onClear, onExtend }) {
  const { position } = context;
  let passage = null;
  const title = h("p", { class: "selection-title" });
  const copied = h("div", { class: "copied" });
  const button = (key, onclick, hidden = false) =>
    h("button", { type: "button", class: "button", onclick, hidden }, t(key));
  const element = h(
    "div",
    { class: "selection-bar", role: "group", "aria-label": t("selection.title"), hidden: true },
    title,
    h(
      "div",
      { class: "selection-tools" },
      button("selection.copyLink", () => copy(address(context, passage), copied)),
      button("selection.copyQuote", () => copy(quoteOf(context, passage), copied)),
      button("selection.play", () => position.playPassage(passage), !position.playable),
      button("selection.extend", onExtend),
      button("selection.clear", () => {
        clear();
        onClear();
      }),
    ),
    copied,
  );

  function show(next) {
    passage = next;
    title.textContent = t("selection.chosen", {
      n: next.quotes.length,
      count: format.count(next.quotes.length),
      from: format.clock(next.start),
      to: format.clock(next.end),
    });
    copied.replaceChildren();
    element.hidden = false;
    announce(title.textContent);
  }

  function clear() {
    passage = null;
    element.hidden = true;
  }

  return { element, show, clear };
}

/** What is copied as a quote: words, who said them, when, where to hear them. */
export function quoteOf(context, passage) {
  const { statistics, book } = context;
  const name = (label) => book.of(label).name;
  const said =
    passage.quotes.length === 1
      ? passage.quotes.map(({ label, start, text }) =>
          t("selection.quote", { text, name: name(label), time: format.clock(start) }),
        )
      : passage.quotes.map(({ label, start, text }) =>
          t("selection.line", { text, name: name(label), time: format.clock(start) }),
        );
  return [...said, statistics.title || statistics.job_id, address(context, passage)].join("\n");
}

function address({ passageHref }, passage) {
  return new URL(passageHref(passage), location.href).href;
}
