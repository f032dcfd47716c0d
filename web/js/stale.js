// When figures are older than what they are of. Pure.

// The list is written after the debates that it names; clocks of several machines may differ a little.
const TOLERATED_MS = 3_600_000;

/** Whether the index was written well before one of its debates was finished: then its figures may be old ones. */
export function isStale({ generated_at: written, jobs }) {
  const newest = Math.max(...jobs.map((job) => Date.parse(job.updated_at)).filter(Number.isFinite));
  return newest - Date.parse(written) > TOLERATED_MS;
}
