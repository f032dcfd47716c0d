// The transcript in step with the recording: loading it, following, choosing a passage, the search beside it.

import { announce, h } from "./dom.js";
import * as format from "./format.js";
import { partProblem } from "./messages.js";
import { selectionBar } from "./selection.js";
import { checkTranscript } from "./shapes.js";
import { sourceAt } from "./source-link.js";
import { load, LoadError } from "./store.js";
import { TranscriptList } from "./transcript-list.js";
import { searchTools } from "./transcript-tools.js";
import { t } from "./words.js";

/** {element, mounted(), focusSearch(), goToPassage({start, end})} */
export function transcriptSection(context) {
  const element = h("div", { class: "transcript" });
  let drawn = null;
  let passage = null;
  const start = () =>
    fill(element, context, start).then((parts) => {
      drawn = parts;
      if (passage !== null) drawn?.goToPassage(passage);
    });
  return {
    element,
    mounted: start,
    focusSearch: () => drawn?.field.focus(),
    goToPassage: (next) => {
      passage = next;
      drawn?.goToPassage(next);
    },
  };
}

async function fill(element, context, retry) {
  const path = context.statistics.files.transcript;
  if (path === null) {
    element.replaceChildren(h("p", { class: "notice" }, t("transcript.notPublished")));
    return null;
  }
  element.replaceChildren(h("p", { class: "loading" }, t("transcript.loading")));
  try {
    const transcript = await load(path, checkTranscript, context.signal);
    return draw(element, transcript.transcription, context);
  } catch (error) {
    if (context.signal.aborted) return null;
    if (!(error instanceof LoadError)) throw error;
    element.replaceChildren(partProblem(error, t("transcript.title"), retry));
    announce(t("transcript.failed"));
    return null;
  }
}

function draw(element, utterances, context) {
  if (utterances.length === 0) {
    element.replaceChildren(h("p", { class: "notice" }, t("transcript.empty")));
    return null;
  }
  const { position, names, signal } = context;
  let following = true;
  const follow = h(
    "button",
    { type: "button", class: "button follow", hidden: true, onclick: () => resume() },
    t("transcript.follow"),
  );
  const list = new TranscriptList({
    utterances,
    book: context.book,
    href: context.href,
    language: context.statistics.language,
    onSeek: (seconds) => position.seek(seconds),
    onLeave: leave,
    onChoose: choose,
    beside: sourceBeside(context),
    signal,
  });
  const tools = searchTools(list, context, leave);
  const bar = selectionBar(context, { onClear: () => choose(null), onExtend: () => list.extend() });

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
  // The selection is the link: it stands in the address as long as it lasts.
  function choose(passage) {
    if (passage === null) {
      list.choose(null);
      bar.clear();
    } else bar.show(passage);
    const address = passage === null ? context.href(position.seconds) : context.passageHref(passage);
    history.replaceState(null, "", address);
  }
  function goToPassage(passage) {
    const range = list.rangeOf(passage);
    position.goToPassage(passage);
    list.choose(range);
    if (range === null) return;
    bar.show({ ...list.chosen, ...passage });
    list.reveal(range.first);
    history.replaceState(null, "", context.passageHref(passage));
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
  names.addEventListener(
    "change",
    () => {
      list.rename(context.book);
      tools.rename();
    },
    { signal },
  );

  element.replaceChildren(h("div", { class: "tools" }, tools.elements, follow, bar.element), list.element);
  list.estimateHeights();
  if (position.seconds > 0) resume();
  return { field: tools.field, goToPassage };
}

/** Where the recording is not published: beside the utterance that is read, a link to it in the source video. */
function sourceBeside({ statistics, position }) {
  if (position.playable || sourceAt(statistics, 0) === null) return () => null;
  const link = h("a", { class: "source-beside", rel: "noopener noreferrer" });
  return (seconds) => {
    link.setAttribute("href", sourceAt(statistics, seconds));
    link.textContent = t("player.sourceAt", { time: format.clock(seconds) });
    return link;
  };
}
