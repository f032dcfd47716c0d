// Swim lanes: who speaks when. One slider for the keyboard, one click to go to a moment, and a table of the same.

import { h, svg } from "./dom.js";
import * as format from "./format.js";
import { nameTag } from "./speakers.js";
import { lanePath, secondsByPart, speakingAt, ticks, union } from "./timeline-shapes.js";

// More lanes than this and the transcript is out of sight; a button shows the others.
const LANES = 12;
const PARTS = 10;
const STEPS = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 };

export function timeline(context) {
  const { statistics, book } = context;
  const length = statistics.totals.duration_seconds;
  if (length === 0 || statistics.timeline.length === 0)
    return h("p", { class: "notice" }, "There is no speech to draw a timeline of.");
  const lanes = laneData(statistics, book, length);
  return h(
    "figure",
    { class: "timeline" },
    h("figcaption", {}, "Who speaks when. Click to go to a moment, or use the arrow keys."),
    chart(context, lanes, length),
    table(lanes, length),
  );
}

// In the order of speaking time; then labels that the statistics do not list.
function laneData(statistics, book, length) {
  const spans = Map.groupBy(statistics.timeline, (entry) => entry.speaker);
  const labels = new Set([...book.ranked.map((speaker) => speaker.label), ...spans.keys()]);
  return [...labels]
    .filter((label) => spans.has(label))
    .map((label) => ({ entry: book.of(label), spans: union(spans.get(label), length) }));
}

function chart({ statistics, book, position, signal }, lanes, length) {
  const playhead = h("div", { class: "playhead" });
  const rows = lanes.map((lane, i) =>
    h(
      "div",
      { class: "lane", hidden: i >= LANES },
      nameTag(lane.entry),
      svg(
        "svg",
        {
          class: `track ${lane.entry.className}`,
          viewBox: "0 0 1000 1",
          preserveAspectRatio: "none",
          "aria-hidden": "true",
        },
        svg("path", { class: "toned", d: lanePath(lane.spans, length) }),
      ),
    ),
  );
  const axis = h(
    "div",
    { class: "axis" },
    ticks(length, 8).map((seconds) => {
      const tick = h("span", {}, format.clock(seconds));
      tick.style.left = `${(seconds / length) * 100}%`;
      return tick;
    }),
  );
  const slider = h(
    "div",
    {
      class: "lanes",
      role: "slider",
      tabindex: 0,
      "aria-label": "Position in the debate",
      "aria-valuemin": 0,
      "aria-valuemax": Math.ceil(length),
      "aria-orientation": "horizontal",
      "data-keys": "own",
    },
    h("div", { class: "plane" }, playhead),
    rows,
    axis,
  );
  const readout = h("p", { class: "readout", "aria-hidden": "true" });

  const describe = (seconds) => {
    const names = speakingAt(statistics.timeline, seconds).map((label) => book.of(label).name);
    return `${format.clock(seconds)} – ${names.length ? names.join(", ") : "nobody speaks"}`;
  };
  const update = () => {
    playhead.style.left = `${Math.min(1, position.seconds / length) * 100}%`;
    slider.setAttribute("aria-valuenow", Math.round(position.seconds));
    slider.setAttribute("aria-valuetext", describe(position.seconds));
    readout.textContent = describe(position.seconds);
  };
  const secondsAt = (event) => {
    const plane = playhead.parentElement.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - plane.left) / plane.width)) * length;
  };
  slider.addEventListener("click", (event) => position.seek(secondsAt(event)));
  slider.addEventListener("pointermove", (event) => {
    readout.textContent = describe(secondsAt(event));
  });
  slider.addEventListener("pointerleave", update);
  slider.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target =
      { Home: 0, End: length }[event.key] ?? (event.key in STEPS ? position.seconds + STEPS[event.key] : null);
    if (target === null) return;
    event.preventDefault();
    position.seek(target);
  });
  position.addEventListener("move", update, { signal });
  update();
  return [readout, slider, moreLanes(rows)];
}

function moreLanes(rows) {
  if (rows.length <= LANES) return null;
  const others = rows.slice(LANES);
  const button = h(
    "button",
    { type: "button", class: "button", "aria-expanded": "false" },
    `Show all ${rows.length} speakers`,
  );
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") === "true";
    others.forEach((row) => row.toggleAttribute("hidden", open));
    button.setAttribute("aria-expanded", String(!open));
    button.textContent = open ? `Show all ${rows.length} speakers` : `Show the first ${LANES}`;
  });
  return button;
}

// Filled when it is opened: few do, and fifty speakers are five hundred cells.
function table(lanes, length) {
  const details = h("details", { class: "as-table" }, h("summary", {}, "Timeline as a table"));
  details.addEventListener("toggle", () => details.append(partsTable(lanes, length)), { once: true });
  return details;
}

function partsTable(lanes, length) {
  const heads = Array.from({ length: PARTS }, (_, i) =>
    h(
      "th",
      { scope: "col", class: "number" },
      `${format.clock((i * length) / PARTS)} to ${format.clock(((i + 1) * length) / PARTS)}`,
    ),
  );
  const rows = lanes.map((lane) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, nameTag(lane.entry)),
      secondsByPart(lane.spans, length, PARTS).map((seconds) => h("td", { class: "number" }, format.duration(seconds))),
    ),
  );
  // Nothing in it takes the focus, so the frame itself must, or the keyboard could not scroll it.
  return h(
    "div",
    { class: "table-frame", "data-scrolls": "x", tabindex: 0, role: "group", "aria-label": "Timeline as a table" },
    h(
      "table",
      {},
      h("caption", {}, "Speaking time in each tenth of the debate"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Speaker"), heads)),
      h("tbody", {}, rows),
    ),
  );
}
