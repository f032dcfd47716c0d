// Swim lanes: who speaks when, where two or more do, and who comes in on whom. Zoomed by buttons, keys and Ctrl + wheel;
// one slider for the keyboard, one click to go to a moment, and a table of the same.

import { announce, h, svg } from "./dom.js";
import * as format from "./format.js";
import { nameTag } from "./speakers.js";
import { interruptionNear, lanePath, overlaps, spaced, speakingAt, ticks, union } from "./timeline-shapes.js";
import { timelineTable } from "./timeline-table.js";
import { t } from "./words.js";
import { contains, isWhole, panned, showing, whole, zoomed } from "./zoom.js";

// More lanes than this and the transcript is out of sight; a button shows the others.
const LANES = 12;
const UNKNOWN = "UNKNOWN";
const STEPS = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 };
const ZOOM = 2;
const PAN = 0.5;
// Marks nearer than this share of the view would be one blot.
const MARK_APART = 1 / 150;
// The pointer finds a mark from so far away, as a share of the view.
const MARK_REACH = 1 / 200;

/** `context.kept.zoom` keeps the part that is shown, {start, length} or null, when the timeline is drawn anew. */
export function timeline(context) {
  const { statistics, book, define } = context;
  const length = statistics.totals.duration_seconds;
  if (length === 0 || statistics.timeline.length === 0) return h("p", { class: "notice" }, t("timeline.none"));
  const lanes = laneData(statistics, book, length);
  const known = lanes.filter(({ entry }) => entry.label !== UNKNOWN).map(({ spans }) => spans);
  // Without overlapping diarization, what little overlap the spans have means nothing.
  const together = statistics.totals.overlap_seconds === null || known.length < 2 ? null : overlaps(known, length);
  return h(
    "figure",
    { class: "timeline" },
    h("figcaption", {}, t("timeline.caption")),
    legend(statistics, together, define),
    chart(context, lanes, together, length),
    timelineTable(lanes, together, statistics.interruptions, length),
  );
}

// In the order of speaking time; then labels that the statistics do not list.
function laneData({ timeline: entries, interruptions }, book, length) {
  const spans = Map.groupBy(entries, (entry) => entry.speaker);
  const labels = new Set([...book.ranked.map((speaker) => speaker.label), ...spans.keys()]);
  const comesIn = (label) => (interruptions ?? []).filter((pair) => pair.by === label).flatMap((pair) => pair.at);
  return [...labels]
    .filter((label) => spans.has(label))
    .map((label) => ({ entry: book.of(label), spans: union(spans.get(label), length), marks: comesIn(label) }));
}

function legend({ interruptions }, together, define) {
  const sample = (className, ...shapes) =>
    svg("svg", { class: `sample ${className}`, viewBox: "0 0 24 14", "aria-hidden": "true" }, shapes);
  return h(
    "ul",
    { class: "legend" },
    h("li", {}, sample("tone-1", svg("rect", { class: "toned", y: 2, width: 24, height: 10 })), t("timeline.speaks")),
    together === null
      ? null
      : h(
          "li",
          {},
          sample("", svg("rect", { class: "together", y: 2, width: 24, height: 10 })),
          t("timeline.together"),
          define("totals.overlap_seconds"),
        ),
    interruptions === null
      ? null
      : h(
          "li",
          {},
          sample(
            "",
            svg("path", { class: "mark-halo", d: "M12 3V14" }),
            svg("path", { class: "mark-line", d: "M12 3V14" }),
            svg("path", { class: "mark-head", d: "M12 4v0" }),
          ),
          t("timeline.comesIn"),
          define("interruptions"),
        ),
  );
}

function lane(label, className, shapes, hidden = false) {
  const track = svg("svg", { class: `track ${className}`, preserveAspectRatio: "none", "aria-hidden": "true" }, shapes);
  return { element: h("div", { class: className === "" ? "lane-of-all" : "lane", hidden }, label, track), track };
}

function speakerLane({ entry, spans, marks }, i) {
  const [halo, line, head] = ["mark-halo", "mark-line", "mark-head"].map((name) => svg("path", { class: name }));
  const shapes = [svg("path", { class: "toned", d: lanePath(spans) })];
  if (entry.striped) shapes.push(svg("path", { d: lanePath(spans), fill: "url(#stripes)" }));
  const drawn = lane(nameTag(entry), entry.className, [...shapes, halo, line, head], i >= LANES);
  const mark = (window) => {
    const seconds = spaced(marks, window, window.length * MARK_APART).map((second) => second.toFixed(2));
    const lines = seconds.map((second) => `M${second} 0V1`).join("");
    halo.setAttribute("d", lines);
    line.setAttribute("d", lines);
    // Without length, round at both ends: a dot that keeps its size however far the drawing is stretched.
    head.setAttribute("d", seconds.map((second) => `M${second} .2v0`).join(""));
  };
  return { ...drawn, mark };
}

function chart(context, lanes, together, length) {
  const { statistics, book, position, signal } = context;
  const playhead = h("div", { class: "playhead" });
  const rows = lanes.map(speakerLane);
  const overlapRow =
    together === null
      ? null
      : lane(h("span", { class: "lane-title" }, t("timeline.together")), "", [
          svg("path", { class: "together", d: lanePath(together) }),
        ]);
  const axis = h("div", { class: "axis" });
  const slider = h(
    "div",
    {
      class: "lanes",
      role: "slider",
      tabindex: 0,
      "aria-label": t("timeline.position"),
      "aria-valuemin": 0,
      "aria-valuemax": Math.ceil(length),
      "aria-orientation": "horizontal",
      "data-keys": "own",
    },
    h("div", { class: "plane" }, playhead),
    rows.map((row) => row.element),
    overlapRow?.element,
    axis,
  );
  const readout = h("p", { class: "readout", "aria-hidden": "true" });
  let window = context.kept.zoom ?? whole(length);

  const describe = (seconds) => {
    const names = speakingAt(statistics.timeline, seconds).map((label) => book.of(label).name);
    const who = `${format.clock(seconds)} – ${names.length ? names.join(", ") : t("timeline.nobody")}`;
    const near = interruptionNear(statistics.interruptions ?? [], seconds, Math.max(0.5, window.length * MARK_REACH));
    if (near === null) return who;
    return `${who}. ${t("timeline.interruption", { by: book.of(near.by).name, of: book.of(near.of).name })}`;
  };
  const update = () => {
    const place = (position.seconds - window.start) / window.length;
    playhead.hidden = place < 0 || place > 1;
    playhead.style.left = `${place * 100}%`;
    const words = describe(position.seconds);
    slider.setAttribute("aria-valuenow", Math.round(position.seconds));
    slider.setAttribute("aria-valuetext", words);
    readout.textContent = words;
  };
  const controls = zoomControls(
    length,
    (next) => ask(next),
    () => window,
    () => position.seconds,
  );
  // The reader asked for it: said aloud, too.
  function ask(next) {
    show(next);
    announce(controls.shown());
  }
  function show(next) {
    window = next;
    context.kept.zoom = isWhole(next, length) ? null : next;
    for (const { track } of [...rows, overlapRow].filter(Boolean))
      track.setAttribute("viewBox", `${next.start} 0 ${next.length} 1`);
    rows.forEach((row) => row.mark(next));
    axis.replaceChildren(...axisTicks(next));
    controls.update(next);
    update();
  }

  const secondsAt = (event) => {
    const plane = playhead.parentElement.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - plane.left) / plane.width));
    return window.start + share * window.length;
  };
  slider.addEventListener("click", (event) => position.seek(secondsAt(event)));
  slider.addEventListener("pointermove", (event) => {
    readout.textContent = describe(secondsAt(event));
  });
  slider.addEventListener("pointerleave", update);
  slider.addEventListener("wheel", (event) => {
    // With Ctrl, and as browsers report two fingers on a touch pad; without, the page scrolls.
    if (!event.ctrlKey) return;
    event.preventDefault();
    show(zoomed(window, event.deltaY < 0 ? 1.25 : 0.8, secondsAt(event), length));
  });
  slider.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !act(event)) return;
    event.preventDefault();
  });
  function act({ key, shiftKey }) {
    if (key === "+" || key === "=") ask(zoomed(window, ZOOM, position.seconds, length));
    else if (key === "-") ask(zoomed(window, 1 / ZOOM, position.seconds, length));
    else if (key === "0") ask(whole(length));
    else if (shiftKey && (key === "ArrowLeft" || key === "ArrowRight"))
      ask(panned(window, key === "ArrowLeft" ? -PAN : PAN, length));
    else if (key === "Home" || key === "End") position.seek(key === "Home" ? 0 : length);
    else if (key in STEPS) position.seek(position.seconds + STEPS[key]);
    else return false;
    return true;
  }

  // A reader who looks elsewhere is not dragged along; one who watches the playhead, or asks for a place, is.
  let watched = true;
  position.addEventListener(
    "move",
    () => {
      const seen = contains(window, position.seconds);
      if (!seen && watched) show(showing(window, position.seconds, length));
      else update();
      watched = contains(window, position.seconds);
    },
    { signal },
  );
  position.addEventListener("seek", () => show(showing(window, position.seconds, length)), { signal });
  show(window);
  return [controls.element, readout, slider, moreLanes(rows.map((row) => row.element))];
}

function axisTicks(window) {
  return ticks(window.length, 8, window.start)
    .map((seconds) => ({ seconds, place: (seconds - window.start) / window.length }))
    .filter(({ place }) => place < 0.97)
    .map(({ seconds, place }) => {
      const tick = h("span", {}, format.clock(seconds));
      tick.style.left = `${place * 100}%`;
      return tick;
    });
}

/** {element, update(window), shown() in words}; `show(window)` is called with what the reader asks for. */
function zoomControls(length, show, shown, around) {
  const button = (key, sign, act) => {
    const element = h("button", { type: "button", class: "button", "aria-label": t(key), title: t(key) }, sign);
    element.addEventListener("click", () => {
      // Disabled for real, it would lose the focus under the reader's finger.
      if (element.getAttribute("aria-disabled") !== "true") show(act(shown()));
    });
    return element;
  };
  // Where the position is out of sight, the middle of what is in sight stays.
  const middle = (window) => (contains(window, around()) ? around() : window.start + window.length / 2);
  const closer = button("timeline.closer", "+", (window) => zoomed(window, ZOOM, middle(window), length));
  const farther = button("timeline.farther", "−", (window) => zoomed(window, 1 / ZOOM, middle(window), length));
  const all = button("timeline.whole", t("timeline.wholeShort"), () => whole(length));
  const earlier = button("timeline.earlier", "←", (window) => panned(window, -PAN, length));
  const later = button("timeline.later", "→", (window) => panned(window, PAN, length));
  const range = h("span", { class: "zoom-range" });
  const update = (window) => {
    const off = (element, is) => element.setAttribute("aria-disabled", String(is));
    off(closer, window.length <= Math.min(10, length));
    for (const element of [farther, all]) off(element, isWhole(window, length));
    off(earlier, window.start <= 0);
    off(later, window.start + window.length >= length - 0.001);
    const [from, to] = [format.clock(window.start), format.clock(window.start + window.length)];
    range.textContent = isWhole(window, length) ? t("timeline.allShown") : t("timeline.shown", { from, to });
  };
  const element = h(
    "div",
    { class: "zoom", role: "group", "aria-label": t("timeline.zoom") },
    [closer, farther, all, earlier, later],
    range,
  );
  return { element, update, shown: () => range.textContent };
}

function moreLanes(rows) {
  if (rows.length <= LANES) return null;
  const others = rows.slice(LANES);
  const button = h("button", { type: "button", class: "button more-lanes", "aria-expanded": "false" });
  const label = (open) =>
    open
      ? t("timeline.fewer", { n: LANES, count: format.count(LANES) })
      : t("timeline.more", { n: rows.length, count: format.count(rows.length) });
  button.textContent = label(false);
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    others.forEach((row) => row.toggleAttribute("hidden", !open));
    button.setAttribute("aria-expanded", String(open));
    button.textContent = label(open);
  });
  return button;
}
