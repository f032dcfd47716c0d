// The interface's words in the reader's language. Each language is a folder of words/: a key has a text, or one text a
// plural form. A debate's own words (titles, names, transcript) are never translated.

import { config } from "./config.js";
import { recall, remember } from "./memory.js";
import cs from "./words/cs/all.js";
import en from "./words/en/all.js";

const LANGUAGES = { en, cs };
const LOCALES = { en: "en-GB", cs: "cs-CZ" };
const CHOICE = "language";

/** The languages of the interface, each under its own name. */
export const OWN_NAMES = { en: "English", cs: "Čeština" };

/** "en" or "cs": the reader's choice, else what config.json says, else the browser's first that there are words for. */
export const interfaceLanguage = choose();

/** For Intl: numbers, dates and names of languages as the reader writes them. */
export const locale = LOCALES[interfaceLanguage];

const words = LANGUAGES[interfaceLanguage];
const plurals = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);

/**
 * The text of `key`, with {name} replaced by values.name. A key with plural forms ({one, few, many, other}) takes the
 * one for the number values.n; {count} is that number as it is written, unless values.count says otherwise. Raises
 * Error for a key that there is not, and for a value that is missing.
 */
export function t(key, values = {}) {
  return parts(key, values).map(String).join("");
}

/** The same where a value is an element: a list of texts and values, for h(). */
export function parts(key, values = {}) {
  const given = values.n === undefined ? values : { count: numbers.format(values.n), ...values };
  return pieces(key, values.n).map((piece) => {
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    if (name === undefined) return piece;
    if (given[name] === undefined) throw new Error(`no ${name} for ${key}`);
    return given[name];
  });
}

function pieces(key, n) {
  const entry = Object.hasOwn(words, key) ? words[key] : undefined;
  if (entry === undefined) throw new Error(`no words for ${key}`);
  const text = typeof entry === "string" ? entry : (entry[plurals.select(n)] ?? entry.other);
  return text.split(/(\{\w+\})/).filter((piece) => piece !== "");
}

/** Shows the page in `language` from now on: kept in the browser, or in the address where it keeps nothing. */
export function speak(language) {
  const address = new URL(location.href);
  if (remember(CHOICE, language)) address.searchParams.delete(CHOICE);
  else address.searchParams.set(CHOICE, language);
  // Words are chosen when the page starts. A change of the address before "#" starts it by itself.
  if (address.search === location.search) location.reload();
  else location.replace(address);
}

function choose() {
  const asked = [new URLSearchParams(location.search).get(CHOICE), recall(CHOICE), config.language];
  for (const wanted of [...asked, ...navigator.languages].filter(Boolean)) {
    const language = wanted.toLowerCase().split("-")[0];
    if (Object.hasOwn(LANGUAGES, language)) return language;
  }
  return "en";
}
