// Searching the transcript, and showing one speaker alone.

import { announce, h } from "./dom.js";
import * as format from "./format.js";
import { fold, rangesOf } from "./transcript-search.js";
import { t } from "./words.js";

// A single letter is in every line.
const SHORTEST_SEARCH = 2;
// Typing pauses for that long before the transcript is searched.
const TYPING_MS = 150;

/** {elements, field, rename()}; `leave()`: the reader is led elsewhere than the recording is. */
export function searchTools(list, context, leave) {
  const folded = list.utterances.map((utterance) => fold(utterance.text));
  const labels = [...new Set(list.utterances.map((utterance) => utterance.speaker))];
  const name = (label) => context.book.of(label).name;
  const field = h("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false" });
  const options = labels.map((label, i) => h("option", { value: i }, name(label)));
  const choice = h("select", { id: "speaker" }, h("option", { value: "" }, t("transcript.everyone")), options);
  const state = h("p", { class: "matches", role: "status" });
  const step = (by) =>
    h(
      "button",
      {
        type: "button",
        class: "button step",
        "aria-label": t(by > 0 ? "transcript.next" : "transcript.previous"),
        hidden: true,
        onclick: () => go(by),
      },
      by > 0 ? "↓" : "↑",
    );
  const [previous, next] = [step(-1), step(1)];
  let found = [];
  let at = -1;
  let marked = [];
  let timer = null;

  function search() {
    marked.forEach((i) => list.mark(i, []));
    const needle = fold(field.value.trim());
    found = needle.length < SHORTEST_SEARCH ? [] : folded.flatMap((text, i) => matches(text, i, needle));
    marked = [...new Set(found.map((match) => match.index))];
    at = -1;
    previous.hidden = next.hidden = found.length < 2;
    if (found.length > 0) go(1);
    else state.textContent = needle.length < SHORTEST_SEARCH ? "" : t("transcript.nothing");
  }

  function matches(text, i, needle) {
    if (!list.isShown(i)) return [];
    const ranges = rangesOf(list.utterances[i].text, text, needle);
    return ranges.length === 0 ? [] : list.mark(i, ranges).map((mark) => ({ index: i, mark }));
  }

  function go(by) {
    found[at]?.mark.removeAttribute("aria-current");
    at = (at + by + found.length) % found.length;
    found[at].mark.setAttribute("aria-current", "true");
    leave();
    list.reveal(found[at].index);
    state.textContent = t("transcript.match", {
      n: found.length,
      at: format.count(at + 1),
      count: format.count(found.length),
    });
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, TYPING_MS);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && found.length > 0) go(event.shiftKey ? -1 : 1);
  });
  choice.addEventListener("change", () => {
    const label = labels[Number(choice.value)];
    list.filter((i) => choice.value === "" || list.utterances[i].speaker === label);
    search();
    announce(choice.value === "" ? t("transcript.allShown") : t("transcript.onlyShown", { name: name(label) }));
  });
  return {
    field,
    rename: () =>
      options.forEach((option, i) => {
        option.textContent = name(labels[i]);
      }),
    elements: [
      h("p", { class: "tool" }, h("label", { for: "search" }, t("transcript.search")), field),
      h("p", { class: "tool" }, h("label", { for: "speaker" }, t("transcript.speaker")), choice),
      h("div", { class: "match-tools" }, state, previous, next),
      h("p", { class: "fine choose-hint" }, t("transcript.chooseHint")),
    ],
  };
}
