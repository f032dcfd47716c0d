// Finding words in the transcript, without regard to case and accents. Pure.

/** "Příští" -> "pristi". */
export function fold(text) {
  return text
    .normalize("NFD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();
}

/**
 * The ranges [start, end] in `text` where `needle` (folded) stands. `folded` is fold(text), kept by the caller because
 * it does not change while the needle does.
 */
export function rangesOf(text, folded, needle) {
  const found = [];
  for (let at = folded.indexOf(needle); at !== -1; at = folded.indexOf(needle, at + needle.length)) found.push(at);
  if (found.length === 0) return [];
  const place = folded.length === text.length ? (i) => i : placesOf(text);
  return found.map((at) => [place(at), place(at + needle.length)]);
}

// Folding changed the length (a letter with a separate accent, "ﬁ"): count it letter by letter.
function placesOf(text) {
  const starts = [];
  let at = 0;
  for (const letter of text) {
    for (let i = 0; i < fold(letter).length; i += 1) starts.push(at);
    at += letter.length;
  }
  return (i) => starts[i] ?? text.length;
}

/** The pieces of `text`: [{text, found}], in order. */
export function pieces(text, ranges) {
  const parts = [];
  let at = 0;
  for (const [start, end] of ranges) {
    parts.push({ text: text.slice(at, start), found: false }, { text: text.slice(start, end), found: true });
    at = end;
  }
  return [...parts, { text: text.slice(at), found: false }].filter((part) => part.text !== "");
}
