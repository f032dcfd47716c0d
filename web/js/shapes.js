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
const list = (check) => (value, path) => {
  if (!Array.isArray(value)) throw new WrongShape(`${path}: not a list`);
  value.forEach((item, i) => check(item, `${path}[${i}]`));
};
const shape = (fields) => (value, path) => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new WrongShape(`${path || "document"}: not an object`);
  for (const [name, check] of Object.entries(fields)) {
    const where = path ? `${path}.${name}` : name;
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

const debate = shape({
  job_id: text,
  title: text,
  source_url: orNull(text),
  language: orNull(text),
  generated_at: text,
  parameters: shape({}),
  media: shape({ url: orNull(text), source_url: orNull(text), mime: orNull(text) }),
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
    }),
  ),
  timeline: list(shape(span)),
  notes: list(shape({ field: text, reason: text })),
});

const transcript = shape({ duration: number, transcription: list(shape({ ...span, text })) });

/** statistics/index.json. Each check returns the document, or raises WrongShape or NewerVersion. */
export const checkIndex = versioned(index);

/** statistics/by-job/<id>.json */
export const checkDebate = versioned(debate);

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
