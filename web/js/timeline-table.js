// The timeline as a table: who speaks for how long in each tenth, with overlaps and interruptions.

import { h } from "./dom.js";
import * as format from "./format.js";
import { nameTag } from "./speakers.js";
import { countByPart, secondsByPart } from "./timeline-shapes.js";
import { t } from "./words.js";

const PARTS = 10;

// Filled when it is opened: few do, and fifty speakers are five hundred cells.
export function timelineTable(lanes, together, interruptions, length) {
  const details = h("details", { class: "as-table" }, h("summary", {}, t("timeline.asTable")));
  details.addEventListener("toggle", () => details.append(table(lanes, together, interruptions, length)), {
    once: true,
  });
  return details;
}

function table(lanes, together, interruptions, length) {
  const heads = Array.from({ length: PARTS }, (_, i) =>
    h(
      "th",
      { scope: "col", class: "number" },
      t("timeline.span", {
        from: format.clock((i * length) / PARTS),
        to: format.clock(((i + 1) * length) / PARTS),
      }),
    ),
  );
  const row = (name, values) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      values.map((value) => h("td", { class: "number" }, value)),
    );
  const seconds = (spans) => secondsByPart(spans, length, PARTS).map(format.duration);
  const moments = (interruptions ?? []).flatMap((pair) => pair.at);
  const rows = [
    ...lanes.map(({ entry, spans }) => row(nameTag(entry), seconds(spans))),
    together === null ? null : row(t("timeline.together"), seconds(together)),
    interruptions === null
      ? null
      : row(t("timeline.interruptions"), countByPart(moments, length, PARTS).map(format.count)),
  ];
  // Nothing in it takes the focus, so the frame itself must, or the keyboard could not scroll it.
  return h(
    "div",
    { class: "table-frame", "data-scrolls": "x", tabindex: 0, role: "group", "aria-label": t("timeline.asTable") },
    h(
      "table",
      {},
      h("caption", {}, t("timeline.tableCaption")),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("table.speaker")), heads)),
      h("tbody", {}, rows.filter(Boolean)),
    ),
  );
}
