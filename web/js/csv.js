// The figures of the speakers as CSV (RFC 4180), for spreadsheets. Pure.

/** Of each speaker, in this order; as in the statistics, so that a program finds them by the same names. */
const FIELDS = [
  ...["label", "name", "person", "speaking_seconds", "share_of_speech", "share_of_duration", "segments", "words"],
  ...["share_of_words", "words_per_minute", "mean_confidence", "low_confidence_seconds", "turns", "mean_turn_seconds"],
  ...["median_turn_seconds", "longest_turn_seconds", "median_patience_seconds", "patience_count", "questions"],
  ...["fillers_per_100_words", "mtld", "hdd", "mattr", "flesch_reading_ease", "flesch_kincaid_grade"],
  ...["overlap_seconds", "first_second"],
];

/** One row a speaker; an empty field is a figure that is not known. `nameOf(label)`: as it is shown on the page. */
export function speakersCsv(statistics, nameOf) {
  const rows = statistics.speakers.map((speaker) =>
    FIELDS.map((field) => (field === "name" ? nameOf(speaker.label) : speaker[field])),
  );
  return table([["job_id", "title", ...FIELDS], ...rows.map((row) => [statistics.job_id, statistics.title, ...row])]);
}

/** The byte order mark tells spreadsheets that it is UTF-8. */
export function table(rows) {
  return `\ufeff${rows.map((row) => `${row.map(field).join(",")}\r\n`).join("")}`;
}

function field(value) {
  if (typeof value === "number") return String(value);
  const text = guarded(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// A spreadsheet runs a text that begins like a formula; the apostrophe makes it a text again.
function guarded(text) {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}
