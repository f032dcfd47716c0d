// Geometry and sums of the timeline. Pure.

/** Overlapping and touching spans joined, in time order, cut to [0, length]. */
export function union(spans, length) {
  const joined = [];
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const [from, to] = [Math.max(0, start), Math.min(length, end)];
    if (to <= from) continue;
    const last = joined.at(-1);
    if (last && from <= last.end) last.end = Math.max(last.end, to);
    else joined.push({ start: from, end: to });
  }
  return joined;
}

/** The spans as one SVG path, 1000 wide and 1 high: thousands of turns stay one element. */
export function lanePath(spans, length) {
  return spans
    .map(({ start, end }) => {
      const x = (start / length) * 1000;
      const width = ((end - start) / length) * 1000;
      return `M${x.toFixed(2)} 0h${width.toFixed(3)}v1h-${width.toFixed(3)}z`;
    })
    .join("");
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 36000];

/** Round times for the axis, at most `most` of them besides 0. */
export function ticks(length, most) {
  const step = STEPS.find((candidate) => length / candidate <= most) ?? length;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, i) => i * step);
}

/** Seconds of `spans` (joined) within each of `parts` equal parts of `length`. */
export function secondsByPart(spans, length, parts) {
  const size = length / parts;
  const sums = new Array(parts).fill(0);
  for (const { start, end } of spans) {
    for (let i = Math.floor(start / size); i < parts && i * size < end; i += 1) {
      sums[i] += Math.min(end, (i + 1) * size) - Math.max(start, i * size);
    }
  }
  return sums;
}

/** The labels of those who speak at that moment. */
export function speakingAt(timeline, seconds) {
  return [
    ...new Set(timeline.filter(({ start, end }) => start <= seconds && seconds < end).map(({ speaker }) => speaker)),
  ];
}
