// Geometry of the shares over time: stacked bands. Pure. x is seconds, y per cent from the top.

/** Bands from the bottom up: the shares of `groups` ([[index of a speaker, ...], ...]) in each window; null in silence. */
export function stacked(windows, groups) {
  return windows.map(({ start, end, shares }) => {
    const middle = (start + end) / 2;
    if (shares === null) return { start, end, middle, levels: null };
    const levels = [0];
    for (const group of groups) {
      levels.push(levels.at(-1) + group.reduce((sum, i) => sum + (shares[i] ?? 0), 0));
    }
    return { start, end, middle, levels };
  });
}

/** The area of band `k` as an SVG path; silence interrupts it. The first and last window reach to the debate's ends. */
export function bandPath(stack, k) {
  return runs(stack)
    .map((run) => {
      const points = [
        { x: run[0].start, levels: run[0].levels },
        ...run.map(({ middle, levels }) => ({ x: middle, levels })),
        { x: run.at(-1).end, levels: run.at(-1).levels },
      ];
      const line = (level) =>
        points.map(({ x, levels }) => `${x.toFixed(1)} ${((1 - levels[level]) * 100).toFixed(2)}`);
      return `M${line(k + 1).join("L")}L${line(k).reverse().join("L")}Z`;
    })
    .join("");
}

/** Where band `k` is tallest: {x, y, share} of its middle; null where it never is anything. */
export function tallest(stack, k) {
  let best = null;
  for (const { middle, levels } of stack) {
    if (levels === null) continue;
    const share = levels[k + 1] - levels[k];
    if (share > (best?.share ?? 0)) best = { x: middle, y: (1 - (levels[k] + levels[k + 1]) / 2) * 100, share };
  }
  return best;
}

/** The index of the window whose middle is nearest to `seconds`. */
export function windowAt(windows, seconds) {
  let nearest = 0;
  const distance = (i) => Math.abs((windows[i].start + windows[i].end) / 2 - seconds);
  for (let i = 1; i < windows.length; i += 1) if (distance(i) < distance(nearest)) nearest = i;
  return nearest;
}

function runs(stack) {
  const found = [];
  let open = null;
  for (const window of stack) {
    if (window.levels === null) {
      open = null;
      continue;
    }
    if (open === null) found.push((open = []));
    open.push(window);
  }
  return found;
}
