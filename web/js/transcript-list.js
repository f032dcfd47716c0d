// The utterances. All of them are in the page, so that the browser's own search, copying and screen readers reach them;
// those out of sight cost no layout (content-visibility, by chunks), which keeps ten hours usable.

import { bdi, h, prefersReducedMotion } from "./dom.js";
import * as format from "./format.js";
import { pieces } from "./transcript-search.js";
import { t } from "./words.js";

const CHUNK = 40;
// For the height of what was never laid out: the nearer, the steadier the scroll bar. Measured on the default font.
const LINE_PX = 27;
const LETTER_PX = 8;
const UTTERANCE_PX = 30;
// A text selection that is not dragged on for so long is meant.
const SETTLED_MS = 200;

export class TranscriptList {
  #items;
  #chunks;
  #current = -1;
  #tabStop = 0;
  #chosen = null;
  #anchor = null;
  #beside;
  #onChoose;

  /**
   * `onSeek(seconds)`: the reader asked for that place; `onLeave()`: the reader scrolled by hand; `onChoose(chosen)`:
   * the reader chose a passage, as `chosen` gives it, or gave it up (null). `beside(seconds)`: an element to stand in
   * the utterance that is heard, or null.
   */
  constructor({ utterances, book, href, language, onSeek, onLeave, onChoose, beside, signal }) {
    this.utterances = utterances;
    this.#onChoose = onChoose;
    this.#beside = beside;
    this.#items = utterances.map((utterance, i) => item(utterance, i, utterances[i - 1], book, href));
    this.#chunks = [];
    for (let i = 0; i < this.#items.length; i += CHUNK) {
      this.#chunks.push(h("ol", { class: "chunk", role: "list" }, this.#items.slice(i, i + CHUNK)));
    }
    this.element = h(
      "div",
      {
        class: "utterances",
        role: "group",
        "aria-label": t("transcript.title"),
        lang: language,
        "data-keys": "vertical",
      },
      this.#chunks,
    );
    this.#listen(onSeek, onLeave, signal);
    if (this.#items.length > 0) this.#setTabStop(0);
  }

  /** To be called once the list is in the page and has a width. */
  estimateHeights() {
    const lettersPerLine = Math.max(20, (this.element.clientWidth - 150) / LETTER_PX);
    this.#chunks.forEach((chunk, c) => {
      const shown = this.utterances
        .slice(c * CHUNK, (c + 1) * CHUNK)
        .filter((_, i) => !this.#items[c * CHUNK + i].hidden);
      const lines = shown.reduce((sum, utterance) => sum + Math.ceil(utterance.text.length / lettersPerLine), 0);
      chunk.style.containIntrinsicBlockSize = `auto ${lines * LINE_PX + shown.length * UTTERANCE_PX}px`;
    });
  }

  /** Marks the utterance that is heard at `seconds`; returns its index, -1 before the first. */
  setCurrent(seconds) {
    const i = lastStarted(this.utterances, seconds);
    if (i === this.#current) return i;
    this.#items[this.#current]?.removeAttribute("aria-current");
    this.#items[i]?.setAttribute("aria-current", "true");
    this.#current = i;
    const beside = this.#beside(this.utterances[i]?.start ?? 0);
    if (beside !== null) this.#items[i]?.append(beside);
    return i;
  }

  /** Writes the names anew where `book` has others. */
  rename(book) {
    this.#items.forEach((element, i) => {
      const name = element.querySelector(".speaker > bdi");
      const now = book.of(this.utterances[i].speaker).name;
      if (name.textContent !== now) name.textContent = now;
    });
  }

  /** {first, last}: the utterances that are heard in {start, end}; null where there are none. */
  rangeOf({ start, end }) {
    const first = this.utterances.findIndex((utterance) => utterance.end > start && utterance.start < end);
    if (first === -1) return null;
    const last = this.utterances.findLastIndex((utterance) => utterance.end > start && utterance.start < end);
    return { first, last };
  }

  /** Marks the utterances from `first` to `last` as the chosen passage; null: none. Tells nobody. */
  choose(range) {
    for (const i of indices(this.#chosen)) this.#items[i].classList.remove("chosen");
    this.#chosen = range;
    if (range === null) this.#anchor = null;
    for (const i of indices(range)) this.#items[i].classList.add("chosen");
  }

  /** The chosen passage: {start, end, quotes: [{label, start, text}]}; of what is shown. Null: none. */
  get chosen() {
    if (this.#chosen === null) return null;
    const shown = indices(this.#chosen).filter((i) => this.isShown(i));
    const utterances = shown.map((i) => this.utterances[i]);
    if (utterances.length === 0) return null;
    return {
      start: utterances[0].start,
      end: Math.max(...utterances.map((utterance) => utterance.end)),
      quotes: utterances.map(({ speaker, start, text }) => ({ label: speaker, start, text })),
    };
  }

  /** One utterance more at the end of the passage. */
  extend() {
    const next = this.#nextShown(this.#chosen.last, 1);
    if (next !== null) this.#chooseBetween(this.#chosen.first, next);
  }

  #chooseBetween(anchor, i) {
    this.choose({ first: Math.min(anchor, i), last: Math.max(anchor, i) });
    this.#anchor = anchor;
    this.#onChoose(this.chosen);
  }

  #giveUp() {
    if (this.#chosen === null) return;
    this.choose(null);
    this.#onChoose(null);
  }

  // The words that are selected as text: the passage is their utterances, the quote only the words.
  #chooseText() {
    const selection = getSelection();
    if (selection.isCollapsed || selection.rangeCount === 0) return;
    const range = selection.getRangeAt(0);
    const [from, to] = [range.startContainer, range.endContainer].map((node) =>
      (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest(".utterance"),
    );
    if (from === null || to === null || !this.element.contains(from) || !this.element.contains(to)) return;
    this.choose({ first: Number(from.dataset.index), last: Number(to.dataset.index) });
    const { quotes, ...passage } = this.chosen;
    const words = indices(this.#chosen)
      .filter((i) => this.isShown(i))
      .map((i) => selectedIn(this.#items[i].querySelector(".text"), range));
    const chosen = quotes.map((quote, i) => ({ ...quote, text: words[i] })).filter(({ text }) => text !== "");
    if (chosen.length > 0) this.#onChoose({ ...passage, quotes: chosen });
  }

  /** Shows only the utterances of which `keep(index)` is true. */
  filter(keep) {
    this.#items.forEach((element, i) => {
      element.hidden = !keep(i);
    });
    this.#chunks.forEach((chunk) => {
      chunk.hidden = [...chunk.children].every((element) => element.hidden);
    });
    this.estimateHeights();
    if (this.#items[this.#tabStop]?.hidden) this.#setTabStop(this.#items.findIndex((element) => !element.hidden));
  }

  isShown(i) {
    return i >= 0 && !this.#items[i].hidden;
  }

  /** Marks `ranges` in one utterance; returns the marks. No ranges: the plain text again. */
  mark(i, ranges) {
    const text = this.#items[i].querySelector(".text");
    const parts = pieces(this.utterances[i].text, ranges);
    text.replaceChildren(...parts.map((part) => (part.found ? h("mark", {}, part.text) : part.text)));
    return [...text.querySelectorAll("mark")];
  }

  /** Scrolls the list, and only the list, until utterance `i` is a third from its top. */
  reveal(i) {
    const place = () => {
      const box = this.element.getBoundingClientRect();
      const target = this.#items[i].getBoundingClientRect();
      return target.top - box.top - box.height * 0.3;
    };
    const distance = place();
    const far = Math.abs(distance) > 2 * this.element.clientHeight;
    this.element.scrollBy({ top: distance, behavior: far || prefersReducedMotion() ? "instant" : "smooth" });
    // A far jump lands by estimated heights; once the real ones are known it is put right.
    if (far) requestAnimationFrame(() => this.element.scrollBy({ top: place(), behavior: "instant" }));
  }

  #listen(onSeek, onLeave, signal) {
    const list = this.element;
    list.addEventListener("click", (event) => {
      const target = event.target.closest(".utterance");
      if (target === null || event.ctrlKey || event.metaKey || event.target.closest("[rel]")) return;
      const i = Number(target.dataset.index);
      if (event.shiftKey) {
        event.preventDefault();
        this.#chooseBetween(this.#anchor ?? this.#tabStop, i);
        return;
      }
      // Selecting text to copy it must not jump.
      if (!event.target.closest(".time") && !getSelection().isCollapsed) return;
      event.preventDefault();
      this.#giveUp();
      this.#setTabStop(i);
      onSeek(this.utterances[i].start);
    });
    // Shift and the mouse choose utterances; the browser would select text from its own last place.
    list.addEventListener("mousedown", (event) => {
      if (event.shiftKey) event.preventDefault();
    });
    let settled = null;
    document.addEventListener(
      "selectionchange",
      () => {
        clearTimeout(settled);
        settled = setTimeout(() => this.#chooseText(), SETTLED_MS);
      },
      { signal },
    );
    list.addEventListener("keydown", (event) => this.#walk(event));
    // What only a person does; "scroll" would fire for our own scrolling, too.
    for (const type of ["wheel", "touchmove"]) list.addEventListener(type, onLeave, { passive: true });
    list.addEventListener("pointerdown", (event) => {
      if (event.target === list) onLeave();
    });
    list.addEventListener("keydown", (event) => {
      if (["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"].includes(event.key)) onLeave();
    });
  }

  // One tab stop for thousands of utterances; the arrows walk.
  #walk(event) {
    const focused = event.target.closest(".utterance");
    if (focused === null || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") this.#giveUp();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const i = this.#nextShown(Number(focused.dataset.index), step);
    if (i === null) return;
    if (event.shiftKey) this.#chooseBetween(this.#anchor ?? Number(focused.dataset.index), i);
    this.#setTabStop(i);
    const time = this.#items[i].querySelector(".time");
    time.focus({ preventScroll: true });
    this.reveal(i);
  }

  #nextShown(from, step) {
    let i = from + step;
    while (this.#items[i]?.hidden) i += step;
    return this.#items[i] === undefined ? null : i;
  }

  #setTabStop(i) {
    this.#items[this.#tabStop]?.querySelector(".time").setAttribute("tabindex", "-1");
    this.#items[i]?.querySelector(".time").setAttribute("tabindex", "0");
    this.#tabStop = i;
  }
}

function item(utterance, i, before, book, href) {
  const entry = book.of(utterance.speaker);
  // The name is written where the speaker changes; screen readers hear it with each utterance.
  const goesOn = i % CHUNK !== 0 && before?.speaker === utterance.speaker;
  return h(
    "li",
    { class: `utterance ${entry.className}${goesOn ? " goes-on" : ""}`, "data-index": i },
    h("a", { class: "time", href: href(utterance.start), tabindex: -1 }, format.clock(utterance.start)),
    h("span", { class: "speaker" }, bdi(entry.name)),
    h("p", { class: "text", dir: "auto" }, utterance.text),
  );
}

function indices(range) {
  return range === null ? [] : Array.from({ length: range.last - range.first + 1 }, (_, i) => range.first + i);
}

/** The part of the text of `element` that lies in `range`. */
function selectedIn(element, range) {
  const part = document.createRange();
  part.selectNodeContents(element);
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0)
    part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
  return part.toString().trim();
}

function lastStarted(utterances, seconds) {
  let [low, high] = [0, utterances.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (utterances[middle].start <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
