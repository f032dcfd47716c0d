// Numbers, lengths of time, dates and languages in words. Pure; the interface speaks English.

const LOCALE = "en-GB";
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long" });
const minute = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long", timeStyle: "short" });
const languages = new Intl.DisplayNames([LOCALE], { type: "language", fallback: "code" });

/** A place in the recording: 83.2 -> "1:23", 3723 -> "1:02:03". Cut, not rounded, as players do. */
export function clock(seconds) {
  const total = Math.floor(seconds);
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const pad = (n) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** A length of time: "8.4 s", "4 min 2 s", "1 h 30 min". */
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
  const value = share * 100;
  return `${value < 9.95 && value > 0 ? oneDecimal.format(value) : whole.format(value)}%`;
}

export function count(n) {
  return whole.format(n);
}

/** "1 speaker", "3 speakers". */
export function counted(n, singular, plural = `${singular}s`) {
  return `${count(n)} ${n === 1 ? singular : plural}`;
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
  // DisplayNames raises RangeError for what is no language tag at all.
  return /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(code) ? languages.of(code) : code;
}
