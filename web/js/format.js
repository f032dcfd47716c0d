// Numbers, lengths of time, dates and languages in the reader's words. Pure.

import { locale } from "./words.js";

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const twoDecimals = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const wholePercent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
const finePercent = new Intl.NumberFormat(locale, {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const day = new Intl.DateTimeFormat(locale, { dateStyle: "long" });
const minute = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" });
const languages = new Intl.DisplayNames([locale], { type: "language", fallback: "none" });
const enumeration = new Intl.ListFormat(locale, { type: "conjunction" });

/** A place in the recording: 83.2 -> "1:23", 3723 -> "1:02:03". Cut, not rounded, as players do. */
export function clock(seconds) {
  const total = Math.floor(seconds);
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const pad = (n) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** A length of time: "8.4 s", "4 min 2 s", "1 h 30 min". The units are written so in every language of the page. */
export function duration(seconds) {
  // 59.96 s would else be written "60.0 s".
  if (seconds < 59.95) return `${oneDecimal.format(seconds)} s`;
  const total = Math.round(seconds);
  if (total < 3600) {
    const rest = total % 60;
    return `${Math.floor(total / 60)} min${rest ? ` ${rest} s` : ""}`;
  }
  const minutes = Math.round(seconds / 60);
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest ? ` ${rest} min` : ""}`;
}

/** A share from 0 to 1: "41%", below ten per cent with a decimal: "3.4%". */
export function percent(share) {
  return (share < 0.0995 && share > 0 ? finePercent : wholePercent).format(share);
}

/** A whole number; others are rounded. */
export function count(n) {
  return whole.format(n);
}

/** A number with one decimal: 7.53 -> "7.5". */
export function decimal(value) {
  return signed(oneDecimal, value);
}

/** One with two, such as the balance: 0.934 -> "0.93". */
export function index(value) {
  return signed(twoDecimals, value);
}

// A minus as wide as a plus, and no "-0.0".
function signed(formatter, value) {
  const text = formatter.format(value).replace("-", "−");
  return /[1-9]/.test(text) ? text : text.replace("−", "");
}

export function date(iso) {
  return format(day, iso);
}

export function dateTime(iso) {
  return format(minute, iso);
}

// A date that is not one is shown as it came: the rest of the page is still of use.
function format(formatter, iso) {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : formatter.format(time);
}

/** "cs" -> "Czech"; a code that is not known stays as it is. */
export function language(code) {
  return nameOf(code) ?? code;
}

/** `code` for a lang attribute, or null where no language is known by it: a wrong one misleads screen readers. */
export function languageTag(code) {
  return nameOf(code) === undefined ? null : code;
}

function nameOf(code) {
  // DisplayNames raises RangeError for what is no language tag at all.
  return code !== null && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(code) ? languages.of(code) : undefined;
}

/** "A, B and C" as a list of texts and of the given items (elements), for h(). */
export function listed(items) {
  return enumeration
    .formatToParts(items.map((_, i) => String(i)))
    .map(({ type, value }) => (type === "element" ? items[Number(value)] : value));
}
