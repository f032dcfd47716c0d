// Choosing two debates of the list to compare: a box in each row, and a bar that says which two.

import { PAIR } from "./debate-filter.js";
import { announce, bdi, h, hiddenText } from "./dom.js";
import { compareHref } from "./route.js";
import { parts, t } from "./words.js";

/**
 * {bar, rowControl(job), show(pick)}. `onPick(ids)` is told which debates the reader has chosen, in that order. With
 * two chosen the other boxes rest, and the way to the comparison stands in both rows and in the bar.
 */
export function listPair(jobs, onPick) {
  const titles = new Map(jobs.map((job) => [job.job_id, job.title || job.job_id]));
  const rows = new Map();
  let picked = [];
  const text = h("p", {});
  const go = h("a", { class: "button" }, t("list.compare.go"));
  const clear = h("button", { type: "button", class: "button", onclick: clearAll }, t("list.compare.clear"));
  const bar = h(
    "section",
    { class: "pair-bar", "aria-label": t("list.compare.bar"), hidden: true },
    text,
    h("p", { class: "pair-actions" }, go, clear),
  );

  function clearAll() {
    const [first] = picked;
    onPick([]);
    announce(t("list.compare.none"));
    rows.get(first)?.box.focus();
  }

  function toggle(id, chosen) {
    onPick(chosen ? [...picked, id].slice(0, PAIR) : picked.filter((other) => other !== id));
    announce(words().map(plain).join(""));
  }

  function words() {
    const [first, second] = picked.map((id) => bdi(titles.get(id)));
    if (second) return parts("list.compare.two", { first, second });
    return first ? parts("list.compare.one", { first }) : [t("list.compare.none")];
  }

  return {
    bar,
    rowControl(job) {
      const id = job.job_id;
      const box = h("input", { type: "checkbox", onchange: () => toggle(id, box.checked) });
      const link = h("a", { hidden: true }, t("list.compare.go"));
      rows.set(id, { box, link });
      const name = hiddenText([" ", bdi(titles.get(id))]);
      return h("p", { class: "choose" }, h("label", {}, box, h("span", {}, t("list.compare"), name)), link);
    },
    /** Debates that are not (or no longer) in the list cannot be chosen. */
    show(pick) {
      picked = pick.filter((id) => titles.has(id));
      const whole = picked.length === PAIR;
      bar.hidden = picked.length === 0;
      text.replaceChildren(...words());
      go.hidden = !whole;
      if (whole) go.setAttribute("href", compareHref(...picked));
      for (const [id, { box, link }] of rows) {
        const chosen = picked.includes(id);
        if (box.checked !== chosen) box.checked = chosen;
        if (box.disabled !== (whole && !chosen)) box.disabled = whole && !chosen;
        if (link.hidden !== !(whole && chosen)) link.hidden = !(whole && chosen);
        if (whole && chosen) link.setAttribute("href", compareHref(...picked));
      }
    },
  };
}

const plain = (piece) => (typeof piece === "string" ? piece : piece.textContent);
