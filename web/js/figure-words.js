// The keys of the figures' names in words.js. Written out, so that none is missing or left over unseen (test_words.py).

/** Field of the totals -> key. */
export const OF_DEBATE = {
  duration_seconds: "figure.totals.duration_seconds",
  speech_seconds: "figure.totals.speech_seconds",
  silence_seconds: "figure.totals.silence_seconds",
  overlap_seconds: "figure.totals.overlap_seconds",
  overlap_ratio: "figure.totals.overlap_ratio",
  speakers: "figure.totals.speakers",
  turns: "figure.totals.turns",
  mean_turn_seconds: "figure.totals.mean_turn_seconds",
  median_turn_seconds: "figure.totals.median_turn_seconds",
  longest_turn_seconds: "figure.totals.longest_turn_seconds",
  switches_per_minute: "figure.totals.switches_per_minute",
  floor_transfers: "figure.totals.floor_transfers",
  median_floor_transfer_seconds: "figure.totals.median_floor_transfer_seconds",
  balance: "figure.totals.balance",
  words: "figure.totals.words",
  segments: "figure.totals.segments",
  questions: "figure.totals.questions",
  mean_confidence: "figure.totals.mean_confidence",
  low_confidence_seconds: "figure.totals.low_confidence_seconds",
  low_confidence_share: "figure.totals.low_confidence_share",
  unknown_seconds: "figure.totals.unknown_seconds",
  unknown_share: "figure.totals.unknown_share",
  untimed_segments: "figure.totals.untimed_segments",
};

/** Field of a speaker -> key. */
export const OF_SPEAKER = {
  speaking_seconds: "figure.speakers.speaking_seconds",
  share_of_speech: "figure.speakers.share_of_speech",
  share_of_duration: "figure.speakers.share_of_duration",
  overlap_seconds: "figure.speakers.overlap_seconds",
  first_second: "figure.speakers.first_second",
  turns: "figure.speakers.turns",
  mean_turn_seconds: "figure.speakers.mean_turn_seconds",
  median_turn_seconds: "figure.speakers.median_turn_seconds",
  longest_turn_seconds: "figure.speakers.longest_turn_seconds",
  median_patience_seconds: "figure.speakers.median_patience_seconds",
  patience_count: "figure.speakers.patience_count",
  words: "figure.speakers.words",
  share_of_words: "figure.speakers.share_of_words",
  words_per_minute: "figure.speakers.words_per_minute",
  segments: "figure.speakers.segments",
  questions: "figure.speakers.questions",
  fillers_per_100_words: "figure.speakers.fillers_per_100_words",
  mtld: "figure.speakers.mtld",
  hdd: "figure.speakers.hdd",
  mattr: "figure.speakers.mattr",
  flesch_reading_ease: "figure.speakers.flesch_reading_ease",
  flesch_kincaid_grade: "figure.speakers.flesch_kincaid_grade",
  mean_confidence: "figure.speakers.mean_confidence",
  low_confidence_seconds: "figure.speakers.low_confidence_seconds",
};

/** Group of figures -> key. */
export const GROUPS = {
  main: "figure.group.main",
  time: "figure.group.time",
  turns: "figure.group.turns",
  words: "figure.group.words",
  language: "figure.group.language",
  quality: "figure.group.quality",
  all: "figure.group.all",
};
