// Who has how much of the speech as the debate goes on: stacked bands, named where they are tallest, and a table.

import { h, svg } from "./dom.js";
import * as format from "./format.js";
import { remarksOn } from "./notes.js";
import { bandPath, stacked, tallest, windowAt } from "./share-shapes.js";
import { nameTag } from "./speakers.js";
import { ticks } from "./timeline-shapes.js";
import { exactly } from "./time-in-words.js";
import { t } from "./words.js";

// More bands than this cannot be told apart; the rest is one band, and the table has everyone.
const BANDS = 8;
// A band is named inside the drawing where it is at least so tall.
const TALL = 0.3;

export function shareOverTime(context) {
  const { share_windows: data, speakers, totals, notes } = context.statistics;
  const drawable = data !== null && data.windows.filter((window) => window.shares !== null).length > 1;
  if (!drawable || speakers.length < 2) {
    const reason = remarksOn("share_windows", notes)[0] ?? t(data === null ? "flow.unknown" : "flow.short");
    return h("p", { class: "notice" }, reason);
  }
  const groups = bandGroups(context);
  return h(
    "figure",
    { class: "flow" },
    h(
      "figcaption",
      {},
      t("flow.caption", { window: exactly(data.window_seconds), step: exactly(data.step_seconds) }),
      context.define("share_windows"),
    ),
    chart(context, groups, data, totals.duration_seconds),
    table(context, data),
  );
}

// The longest speaker lies at the bottom, where changes are easiest to see.
function bandGroups({ statistics, book }) {
  const index = new Map(statistics.speakers.map((speaker, i) => [speaker.label, i]));
  const ranked = book.ranked.map((speaker) => ({ entry: book.of(speaker.label), indices: [index.get(speaker.label)] }));
  if (ranked.length <= BANDS + 1) return ranked;
  const rest = ranked.slice(BANDS);
  const name = t("flow.others", { n: rest.length, count: format.count(rest.length) });
  const entry = { label: null, name, named: true, className: "tone-none", striped: false };
  return [...ranked.slice(0, BANDS), { entry, indices: rest.flatMap((band) => band.indices) }];
}

function chart({ position, signal }, groups, data, length) {
  const { windows, step_seconds: step } = data;
  const stack = stacked(
    windows,
    groups.map((group) => group.indices),
  );
  const drawing = svg(
    "svg",
    { class: "bands", viewBox: `0 0 ${length} 100`, preserveAspectRatio: "none", "aria-hidden": "true" },
    groups.map(({ entry }, k) => {
      const d = bandPath(stack, k);
      return [
        svg("path", { class: `toned band ${entry.className}`, d }),
        entry.striped ? svg("path", { d, fill: "url(#stripes)" }) : null,
      ];
    }),
  );
  const playhead = h("div", { class: "playhead" });
  const axis = h(
    "div",
    { class: "axis" },
    ticks(length, 8)
      .filter((seconds) => seconds / length < 0.97)
      .map((seconds) => placed(h("span", {}, format.clock(seconds)), seconds / length)),
  );
  const slider = h(
    "div",
    {
      class: "flow-plane",
      role: "slider",
      tabindex: 0,
      "aria-label": t("flow.position"),
      "aria-valuemin": 0,
      "aria-valuemax": Math.ceil(length),
      "data-keys": "own",
    },
    drawing,
    groups.map(({ entry }, k) => bandName(entry, tallest(stack, k), length)),
    h("div", { class: "flow-time" }, playhead),
    axis,
  );
  const readout = h("p", { class: "readout", "aria-hidden": "true" });
  const describe = (seconds) => {
    const { start, end, levels } = stack[windowAt(windows, seconds)];
    const when = t("timeline.span", { from: format.clock(start), to: format.clock(end) });
    if (levels === null) return `${when}: ${t("timeline.nobody")}`;
    const shares = groups
      .map(({ entry }, k) => ({ name: entry.name, share: levels[k + 1] - levels[k] }))
      .filter(({ share }) => share > 0.0005)
      .map(({ name, share }) => `${name} ${format.percent(share)}`);
    return `${when}: ${shares.join(", ")}`;
  };
  const update = () => {
    playhead.style.left = `${Math.min(1, position.seconds / length) * 100}%`;
    const words = describe(position.seconds);
    slider.setAttribute("aria-valuenow", Math.round(position.seconds));
    slider.setAttribute("aria-valuetext", words);
    readout.textContent = words;
  };
  const secondsAt = (event) => {
    const box = drawing.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * length;
  };
  slider.addEventListener("click", (event) => position.seek(secondsAt(event)));
  slider.addEventListener("pointermove", (event) => {
    readout.textContent = describe(secondsAt(event));
  });
  slider.addEventListener("pointerleave", update);
  slider.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const by = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step, PageDown: -600, PageUp: 600 };
    const target = { Home: 0, End: length }[event.key] ?? (event.key in by ? position.seconds + by[event.key] : null);
    if (target === null) return;
    event.preventDefault();
    position.seek(target);
  });
  position.addEventListener("move", update, { signal });
  update();
  const legend = h(
    "ul",
    { class: "legend" },
    h("li", { class: "legend-order" }, t("flow.order")),
    groups.map(({ entry }) => h("li", {}, nameTag(entry))),
  );
  return [legend, readout, slider];
}

function placed(element, share) {
  element.style.left = `${share * 100}%`;
  return element;
}

function bandName(entry, place, length) {
  if (place === null || place.share < TALL) return null;
  const share = Math.min(0.88, Math.max(0.12, place.x / length));
  const name = placed(h("span", { class: "band-name", "aria-hidden": "true" }, h("bdi", {}, entry.name)), share);
  name.style.setProperty("--share-y", String(place.y / 100));
  return name;
}

// Windows that follow each other without overlap: every moment of the debate once, not five times.
function table(context, data) {
  const details = h("details", { class: "as-table" }, h("summary", {}, t("flow.asTable")));
  const every = Math.max(1, Math.round(data.window_seconds / data.step_seconds));
  const windows = data.windows.filter((_, i) => i % every === 0);
  details.addEventListener("toggle", () => details.append(windowTable(context, windows)), { once: true });
  return details;
}

function windowTable({ statistics, book }, windows) {
  const heads = statistics.speakers.map((speaker) =>
    h("th", { scope: "col", class: "number" }, nameTag(book.of(speaker.label))),
  );
  const rows = windows.map(({ start, end, shares }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, t("timeline.span", { from: format.clock(start), to: format.clock(end) })),
      statistics.speakers.map((_, i) =>
        h("td", { class: "number" }, shares === null ? "–" : format.percent(shares[i] ?? 0)),
      ),
    ),
  );
  return h(
    "div",
    { class: "table-frame tall", "data-scrolls": "x", tabindex: 0, role: "group", "aria-label": t("flow.asTable") },
    h(
      "table",
      {},
      h("caption", {}, t("flow.tableCaption")),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("flow.time")), heads)),
      h("tbody", {}, rows),
    ),
  );
}
