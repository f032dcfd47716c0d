// Lengths of time as one says them: "47 seconds", "42 minutes", "1 hour 35 minutes". Pure.

import * as format from "./format.js";
import { t } from "./words.js";

const UNITS = { seconds: "time.seconds", minutes: "time.minutes", hours: "time.hours" };
const say = (unit, n) => t(UNITS[unit], { n, count: format.count(n) });

/** Rounded: to seconds below a minute and a half, else to minutes. */
export function about(seconds) {
  if (seconds < 89.5) return say("seconds", Math.round(seconds));
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return say("minutes", minutes);
  return both(say("hours", Math.floor(minutes / 60)), minutes % 60, "minutes");
}

/** To the second, for lengths that somebody set: "2 minutes 30 seconds". */
export function exactly(seconds) {
  const rest = Math.round(seconds);
  return rest < 60 ? say("seconds", rest) : both(say("minutes", Math.floor(rest / 60)), rest % 60, "seconds");
}

function both(first, rest, unit) {
  return rest === 0 ? first : t("time.and", { first, second: say(unit, rest) });
}
