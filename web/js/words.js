// The interface's words in the reader's language. Each language is a folder of words/: a key has a text, or one text a
// plural form. A debate's own words (titles, names, transcript) are never translated.

import { config } from "./config.js";
import cs from "./words/cs/all.js";
import en from "./words/en/all.js";

const LANGUAGES = { en, cs };

/** "en" or "cs": what config.json says, else the first of the browser's languages that there are words for. */
export const interfaceLanguage = choose();

/** For Intl: numbers, dates and names of languages as the reader writes them. */
export const locale = { en: "en-GB", cs: "cs-CZ" }[interfaceLanguage];

const words = LANGUAGES[interfaceLanguage];
const plurals = new Intl.PluralRules(locale);

/**
 * The text of `key`, with {name} replaced by values.name. A key with plural forms ({one, few, many, other}) takes the
 * one for the number values.n; how it is written is given as values.count. Raises Error for a key that there is not.
 */
export function t(key, values = {}) {
  return pieces(key, values)
    .map((piece) => (piece.name === undefined ? piece : String(values[piece.name])))
    .join("");
}

/** The same where a value is an element: a list of texts and values, for h(). */
export function parts(key, values = {}) {
  return pieces(key, values).map((piece) => (piece.name === undefined ? piece : values[piece.name]));
}

function pieces(key, values) {
  const entry = words[key];
  if (entry === undefined) throw new Error(`no words for ${key}`);
  const text = typeof entry === "string" ? entry : (entry[plurals.select(values.n)] ?? entry.other);
  return text
    .split(/(\{\w+\})/)
    .filter((piece) => piece !== "")
    .map((piece) => (/^\{\w+\}$/.test(piece) ? { name: piece.slice(1, -1) } : piece));
}

function choose() {
  for (const wanted of [config.language, ...navigator.languages].filter(Boolean)) {
    const language = wanted.toLowerCase().split("-")[0];
    if (language in LANGUAGES) return language;
  }
  return "en";
}
