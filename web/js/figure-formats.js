// How each figure is written. One table, so that headline, tables and dialogs write the same number the same way. Pure.

import * as format from "./format.js";

const rate = (value) => format.count(Math.round(value));

/** Field of the statistics -> (number) -> text. */
export const WRITE = {
  duration_seconds: format.duration,
  speech_seconds: format.duration,
  silence_seconds: format.duration,
  overlap_seconds: format.duration,
  overlap_ratio: format.percent,
  speakers: format.count,
  segments: format.count,
  words: format.count,
  turns: format.count,
  mean_turn_seconds: format.duration,
  median_turn_seconds: format.duration,
  longest_turn_seconds: format.duration,
  switches_per_minute: format.decimal,
  floor_transfers: format.count,
  // It may be below zero: the next one starts before the last has ended.
  median_floor_transfer_seconds: (value) => `${format.index(value)} s`,
  questions: format.count,
  balance: format.index,
  unknown_seconds: format.duration,
  unknown_share: format.percent,
  mean_confidence: format.percent,
  low_confidence_seconds: format.duration,
  low_confidence_share: format.percent,
  untimed_segments: format.count,
  speaking_seconds: format.duration,
  share_of_speech: format.percent,
  share_of_duration: format.percent,
  share_of_words: format.percent,
  words_per_minute: rate,
  median_patience_seconds: (value) => `${format.index(value)} s`,
  patience_count: format.count,
  fillers_per_100_words: format.decimal,
  mtld: format.decimal,
  hdd: format.index,
  mattr: format.index,
  flesch_reading_ease: format.decimal,
  flesch_kincaid_grade: format.decimal,
  first_second: format.clock,
};
