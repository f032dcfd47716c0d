// Warnings that stand beside the numbers they touch.

import { h } from "./dom.js";
import * as format from "./format.js";
import { t } from "./words.js";

// Above these, a reader must know before using the numbers.
const MUCH_UNKNOWN = 0.05;
const MUCH_UNSURE = 0.2;

/** On shares and speaking times: null where there is nothing to warn of. */
export function sharesCaution({ unknown_share: share }) {
  return share === null || share <= MUCH_UNKNOWN
    ? null
    : caution(t("caution.unknown", { share: format.percent(share) }));
}

/** On words and all that is counted in them. */
export function wordsCaution({ low_confidence_share: share }) {
  return share === null || share <= MUCH_UNSURE ? null : caution(t("caution.unsure", { share: format.percent(share) }));
}

/** On everything that needs times. */
export function timesCaution({ untimed_segments: n }) {
  return n === null || n === 0 ? null : caution(t("caution.untimed", { n, count: format.count(n) }));
}

function caution(text) {
  return h(
    "p",
    { class: "caution" },
    h("span", { class: "caution-mark", "aria-hidden": "true" }, "!"),
    h("span", {}, text),
  );
}
