// The part of the debate that the timeline shows: {start, length}, in seconds. Pure.

// Closer than this there is nothing more to see.
const SHORTEST = 10;

export const whole = (total) => ({ start: 0, length: total });

export const isWhole = (window, total) => window.length >= total;

/** `factor` times closer (below 1: farther), with `around` at the same place of the view. */
export function zoomed(window, factor, around, total) {
  const length = Math.min(total, Math.max(Math.min(SHORTEST, total), window.length / factor));
  const share = (Math.min(Math.max(around, window.start), window.start + window.length) - window.start) / window.length;
  return clamped({ start: around - share * length, length }, total);
}

/** Moved by `share` of its length: below 0 is earlier. */
export function panned(window, share, total) {
  return clamped({ start: window.start + share * window.length, length: window.length }, total);
}

/** Moved just so far that `seconds` is in sight, near the left edge. */
export function showing(window, seconds, total) {
  if (contains(window, seconds)) return window;
  return clamped({ start: seconds - window.length * 0.1, length: window.length }, total);
}

export const contains = ({ start, length }, seconds) => seconds >= start && seconds <= start + length;

function clamped({ start, length }, total) {
  return { start: Math.min(Math.max(0, start), total - length), length };
}
