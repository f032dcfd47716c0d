// The transcript in step with the recording: loading it, the search, the choice of speaker, following.

import { announce, h } from "./dom.js";
import * as format from "./format.js";
import { partProblem } from "./messages.js";
import { checkTranscript } from "./shapes.js";
import { load, LoadError } from "./store.js";
import { TranscriptList } from "./transcript-list.js";
import { fold, rangesOf } from "./transcript-search.js";

// A single letter is in every line.
const SHORTEST_SEARCH = 2;
// Typing pauses for that long before the transcript is searched.
const TYPING_MS = 150;

/** {element, mounted(), focusSearch()} */
export function transcriptSection(context) {
  const element = h("div", { class: "transcript" });
  let field = null;
  const start = () =>
    fill(element, context, start).then((search) => {
      field = search;
    });
  return { element, mounted: start, focusSearch: () => field?.focus() };
}

async function fill(element, context, retry) {
  const path = context.statistics.files.transcript;
  if (path === null) {
    element.replaceChildren(h("p", { class: "notice" }, "The transcript is not published with this debate."));
    return null;
  }
  element.replaceChildren(h("p", { class: "loading" }, "Loading the transcript…"));
  try {
    const transcript = await load(path, checkTranscript, context.signal);
    return draw(element, transcript.transcription, context);
  } catch (error) {
    if (context.signal.aborted) return null;
    if (!(error instanceof LoadError)) throw error;
    element.replaceChildren(partProblem(error, "Transcript", retry));
    announce("The transcript could not be loaded");
    return null;
  }
}

function draw(element, utterances, context) {
  if (utterances.length === 0) {
    element.replaceChildren(h("p", { class: "notice" }, "The transcript has no words."));
    return null;
  }
  const { position, signal } = context;
  let following = true;
  const follow = h(
    "button",
    { type: "button", class: "button follow", hidden: true, onclick: () => resume() },
    "Follow along again",
  );
  const list = new TranscriptList({
    utterances,
    book: context.book,
    href: context.href,
    language: context.statistics.language,
    onSeek: (seconds) => position.seek(seconds),
    onLeave: leave,
  });
  const tools = searchTools(list, context, leave);

  function leave() {
    following = false;
    follow.hidden = false;
  }
  function resume() {
    following = true;
    follow.hidden = true;
    const current = list.setCurrent(position.seconds);
    if (list.isShown(current)) list.reveal(current);
  }
  let last = -1;
  position.addEventListener(
    "move",
    () => {
      const current = list.setCurrent(position.seconds);
      if (current !== last && following && list.isShown(current)) list.reveal(current);
      last = current;
    },
    { signal },
  );
  position.addEventListener("seek", resume, { signal });

  element.replaceChildren(h("div", { class: "tools" }, tools.elements, follow), list.element);
  list.estimateHeights();
  if (position.seconds > 0) resume();
  return tools.field;
}

function searchTools(list, { book }, leave) {
  const folded = list.utterances.map((utterance) => fold(utterance.text));
  const labels = [...new Set(list.utterances.map((utterance) => utterance.speaker))];
  const field = h("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false" });
  const choice = h(
    "select",
    { id: "speaker" },
    h("option", { value: "" }, "Everyone"),
    labels.map((label, i) => h("option", { value: i }, book.of(label).name)),
  );
  const state = h("p", { class: "matches", role: "status" });
  const step = (by) =>
    h(
      "button",
      {
        type: "button",
        class: "button step",
        "aria-label": by > 0 ? "Next match" : "Previous match",
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
    else state.textContent = needle.length < SHORTEST_SEARCH ? "" : "Nothing found";
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
    state.textContent = `${format.count(at + 1)} of ${format.counted(found.length, "match", "matches")}`;
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
    announce(choice.value === "" ? "Everyone is shown" : `Only ${book.of(label).name} is shown`);
  });
  return {
    field,
    elements: [
      h("p", { class: "tool" }, h("label", { for: "search" }, "Search the transcript"), field),
      h("p", { class: "tool" }, h("label", { for: "speaker" }, "Speaker"), choice),
      h("div", { class: "match-tools" }, state, previous, next),
    ],
  };
}
