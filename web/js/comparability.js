// Why figures of two debates may not be comparable. Pure: data in, findings out; the view has the words.

// A sum over a debate three times as long says nothing; a rate does.
const OTHER_LENGTH = 1.5;
// Above it too much speech is nobody's for shares to mean much.
export const MUCH_UNKNOWN = 0.1;
const VERSION = "definitions_version";

/**
 * [{kind, ...}] in the order of weight. kind: "version" | "parameters" (names) | "overlap-missing" (sides) |
 * "language" (languages) | "length" | "unknown" (sides). sides: indexes 0, 1 of the debates it is about.
 */
export function obstacles(debates) {
  const [a, b] = debates;
  const sides = (test) => debates.flatMap((debate, side) => (test(debate) ? [side] : []));
  const other = differing(a.parameters, b.parameters);
  const lacking = sides(({ totals }) => totals.overlap_seconds === null);
  const vague = sides(({ totals }) => (totals.unknown_share ?? 0) > MUCH_UNKNOWN);
  const [shorter, longer] = [a, b].map(({ totals }) => totals.duration_seconds).sort((x, y) => x - y);
  return [
    other.includes(VERSION) ? { kind: "version" } : null,
    other.some((name) => name !== VERSION)
      ? { kind: "parameters", names: other.filter((name) => name !== VERSION) }
      : null,
    lacking.length > 0 ? { kind: "overlap-missing", sides: lacking } : null,
    a.language !== b.language ? { kind: "language", languages: [a.language, b.language] } : null,
    longer > OTHER_LENGTH * shorter ? { kind: "length" } : null,
    vague.length > 0 ? { kind: "unknown", sides: vague } : null,
  ].filter((found) => found !== null);
}

/** The names of the parameters that differ, or that only one has. */
function differing(a, b) {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]).sort();
}
