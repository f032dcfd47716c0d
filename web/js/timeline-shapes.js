// Geometry and sums of the timeline. Pure. x is seconds, so that zooming changes the view box and no path.

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

/** Where two or more of `lanes` speak at once; a lane is the union of one speaker's spans. */
export function overlaps(lanes, length) {
  const changes = lanes.flatMap((spans) =>
    spans.flatMap(({ start, end }) => [
      [start, 1],
      [end, -1],
    ]),
  );
  // Ends first: two who only touch do not speak at once.
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const found = [];
  let speaking = 0;
  for (const [second, change] of changes) {
    speaking += change;
    if (speaking === 2 && change === 1) found.push({ start: second, end: second });
    else if (speaking === 1 && change === -1) found.at(-1).end = second;
  }
  return union(found, length);
}

/** The spans as one SVG path, 1 high: thousands of turns stay one element. */
export function lanePath(spans) {
  return spans
    .map(({ start, end }) => {
      const width = (end - start).toFixed(2);
      return `M${start.toFixed(2)} 0h${width}v1h-${width}z`;
    })
    .join("");
}

/** `seconds` within the window, those closer than `apart` to the one before left out. */
export function spaced(seconds, { start, length }, apart) {
  const kept = [];
  for (const second of [...seconds].sort((a, b) => a - b)) {
    if (second < start || second > start + length) continue;
    if (kept.length === 0 || second - kept.at(-1) >= apart) kept.push(second);
  }
  return kept;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 36000];

/** Round times for an axis of `length` seconds from `start` on, at most `most` of them besides the first. */
export function ticks(length, most, start = 0) {
  const step = STEPS.find((candidate) => length / candidate <= most) ?? length;
  const first = Math.ceil(start / step) * step;
  return Array.from({ length: Math.floor((start + length - first) / step) + 1 }, (_, i) => first + i * step);
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

/** How many of `seconds` lie within each of `parts` equal parts of `length`. */
export function countByPart(seconds, length, parts) {
  const counts = new Array(parts).fill(0);
  for (const second of seconds) counts[Math.min(parts - 1, Math.floor((second / length) * parts))] += 1;
  return counts;
}

/** The labels of those who speak at that moment. */
export function speakingAt(timeline, seconds) {
  return [
    ...new Set(timeline.filter(({ start, end }) => start <= seconds && seconds < end).map(({ speaker }) => speaker)),
  ];
}

/** The interruption that begins nearest to `seconds`, at most `within` away: {by, of}, or null. */
export function interruptionNear(pairs, seconds, within) {
  let [nearest, distance] = [null, within];
  for (const { by, of, at } of pairs) {
    for (const second of at) {
      if (Math.abs(second - seconds) > distance) continue;
      [nearest, distance] = [{ by, of }, Math.abs(second - seconds)];
    }
  }
  return nearest;
}
