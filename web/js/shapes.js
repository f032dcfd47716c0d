// What the page needs of each document, checked before anything is drawn: a wrong shape is named, never guessed.

/** The newest schema_version that this page reads; it reads the one before it, too. */
export const KNOWN_VERSION = 1;

/** The document has not the shape it should have; the message says where. */
export class WrongShape extends Error {}

/** The document is of a newer release than the page. */
export class NewerVersion extends Error {
  constructor(found) {
    super(`schema_version ${found}; this page reads up to ${KNOWN_VERSION}`);
  }
}

const is = (type, words) => (value, path) => {
  if (typeof value !== type || (type === "number" && !Number.isFinite(value)))
    throw new WrongShape(`${path}: not ${words}`);
};
const text = is("string", "a text");
const number = is("number", "a number");
const orNull = (check) => (value, path) => {
  if (value !== null) check(value, path);
};
/** A field of later releases: the statistics of an earlier one lack it, which is read as null, "not known". */
const later = (check) => Object.assign(orNull(check), { optional: true });
const list = (check) => (value, path) => {
  if (!Array.isArray(value)) throw new WrongShape(`${path}: not a list`);
  value.forEach((item, i) => check(item, `${path}[${i}]`));
};
const shape = (fields) => (value, path) => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new WrongShape(`${path || "document"}: not an object`);
  for (const [name, check] of Object.entries(fields)) {
    const where = path ? `${path}.${name}` : name;
    if (value[name] === undefined && check.optional) value[name] = null;
    if (value[name] === undefined) throw new WrongShape(`${where}: missing`);
    check(value[name], where);
  }
};

const span = { start: number, end: number, speaker: text };

const index = shape({
  generated_at: text,
  jobs: list(
    shape({
      job_id: text,
      title: text,
      language: orNull(text),
      duration_seconds: number,
      speaker_count: number,
      speaker_names: list(text),
      updated_at: text,
    }),
  ),
});

const files = Object.fromEntries(
  ["transcript", "words", "vtt", "srt", "txt", "rttm", "report"].map((name) => [name, orNull(text)]),
);

/** Figures of a debate and of a speaker that earlier releases did not write. */
export const LATER_TOTALS = [
  ...["segments", "mean_turn_seconds", "median_turn_seconds", "longest_turn_seconds", "switches_per_minute"],
  ...["floor_transfers", "median_floor_transfer_seconds", "questions", "balance", "unknown_share"],
  ...["low_confidence_seconds", "low_confidence_share", "untimed_segments"],
];
export const LATER_FIGURES = [
  ...["share_of_duration", "segments", "share_of_words", "mean_confidence", "low_confidence_seconds"],
  ...["mean_turn_seconds", "median_turn_seconds", "median_patience_seconds", "patience_count", "questions"],
  ...["fillers_per_100_words", "mtld", "hdd", "mattr", "flesch_reading_ease", "flesch_kincaid_grade", "first_second"],
];
const all = (check, names) => Object.fromEntries(names.map((name) => [name, check]));

const pairs = list(shape({ by: text, of: text, count: number, at: list(number) }));

const shareWindows = shape({
  window_seconds: number,
  step_seconds: number,
  windows: list(shape({ start: number, end: number, shares: orNull(list(number)) })),
});

const debate = shape({
  job_id: text,
  title: text,
  source_url: orNull(text),
  language: orNull(text),
  generated_at: text,
  parameters: shape({}),
  media: shape({ url: orNull(text), source_url: orNull(text), mime: orNull(text), offset_seconds: later(number) }),
  files: shape(files),
  totals: shape({
    duration_seconds: number,
    speech_seconds: number,
    silence_seconds: number,
    overlap_seconds: orNull(number),
    overlap_ratio: orNull(number),
    speakers: number,
    words: number,
    turns: number,
    unknown_seconds: number,
    mean_confidence: orNull(number),
    ...all(later(number), LATER_TOTALS),
  }),
  speakers: list(
    shape({
      label: text,
      name: orNull(text),
      speaking_seconds: number,
      share_of_speech: orNull(number),
      words: number,
      words_per_minute: orNull(number),
      turns: number,
      longest_turn_seconds: orNull(number),
      overlap_seconds: orNull(number),
      person: later(text),
      ...all(later(number), LATER_FIGURES),
    }),
  ),
  interruptions: later(pairs),
  butt_ins: later(pairs),
  timeline: list(shape(span)),
  share_windows: later(shareWindows),
  notes: list(shape({ field: text, reason: text })),
});

const personFigures = {
  speaking_seconds: number,
  share_of_speech: orNull(number),
  words: number,
  words_per_minute: orNull(number),
  turns: number,
  questions: orNull(number),
  interruptions_made: orNull(number),
  interruptions_received: orNull(number),
};

const summary = shape({
  generated_at: text,
  people: later(
    list(
      shape({
        person: text,
        name: text,
        debates: list(
          shape({ job_id: text, title: text, labels: list(text), ...personFigures, first_second: later(number) }),
        ),
        ...personFigures,
      }),
    ),
  ),
});

const transcript = shape({ duration: number, transcription: list(shape({ ...span, text })) });

/**
 * statistics/index.json. Each check returns the document, in which what an earlier release had not is null; or raises
 * WrongShape or NewerVersion.
 */
export const checkIndex = versioned(index);

/** statistics/by-job/<id>.json */
export const checkDebate = versioned(debate);

/** statistics/summary.json */
export const checkSummary = versioned(summary);

/** The transcript has no schema_version: its shape never changes. */
export function checkTranscript(document) {
  transcript(document, "");
  return document;
}

function versioned(check) {
  return (document) => {
    shape({ schema_version: number })(document, "");
    // Before the shape: a newer document may well have another.
    if (document.schema_version > KNOWN_VERSION) throw new NewerVersion(document.schema_version);
    check(document, "");
    return document;
  };
}
