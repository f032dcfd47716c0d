// The utterances. All of them are in the page, so that the browser's own search, copying and screen readers reach them;
// those out of sight cost no layout (content-visibility, by chunks), which keeps ten hours usable.

import { bdi, h, prefersReducedMotion } from "./dom.js";
import * as format from "./format.js";
import { pieces } from "./transcript-search.js";

const CHUNK = 40;
// For the height of what was never laid out: the nearer, the steadier the scroll bar. Measured on the default font.
const LINE_PX = 27;
const LETTER_PX = 8;
const UTTERANCE_PX = 30;

export class TranscriptList {
  #items;
  #chunks;
  #current = -1;
  #tabStop = 0;

  /** `onSeek(seconds)`: the reader asked for that place; `onLeave()`: the reader scrolled by hand. */
  constructor({ utterances, book, href, language, onSeek, onLeave }) {
    this.utterances = utterances;
    this.#items = utterances.map((utterance, i) => item(utterance, i, utterances[i - 1], book, href));
    this.#chunks = [];
    for (let i = 0; i < this.#items.length; i += CHUNK) {
      this.#chunks.push(h("ol", { class: "chunk", role: "list" }, this.#items.slice(i, i + CHUNK)));
    }
    this.element = h(
      "div",
      { class: "utterances", role: "group", "aria-label": "Transcript", lang: language, "data-keys": "vertical" },
      this.#chunks,
    );
    this.#listen(onSeek, onLeave);
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
    return i;
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

  #listen(onSeek, onLeave) {
    const list = this.element;
    list.addEventListener("click", (event) => {
      const target = event.target.closest(".utterance");
      if (target === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
      // Selecting text to copy it must not jump.
      if (!event.target.closest(".time") && !getSelection().isCollapsed) return;
      event.preventDefault();
      const i = Number(target.dataset.index);
      this.#setTabStop(i);
      onSeek(this.utterances[i].start);
    });
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
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    let i = Number(focused.dataset.index) + step;
    while (this.#items[i]?.hidden) i += step;
    if (this.#items[i] === undefined) return;
    this.#setTabStop(i);
    const time = this.#items[i].querySelector(".time");
    time.focus({ preventScroll: true });
    this.reveal(i);
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

function lastStarted(utterances, seconds) {
  let [low, high] = [0, utterances.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (utterances[middle].start <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
