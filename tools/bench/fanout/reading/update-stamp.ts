/**
 * The version of each update says when it was published and of which job it is: microseconds since the start of the
 * run, and the job's number in the last three digits. So it rises, and a reader learns from one number all it needs.
 */
export const JOBS_MAX = 1_000;

export const stampOf = (jobNumber: number, microseconds: number): number =>
  microseconds * JOBS_MAX + jobNumber;

export const jobOf = (stamp: number): number => stamp % JOBS_MAX;

export const millisecondsOf = (stamp: number): number => Math.floor(stamp / JOBS_MAX) / 1000;

/** Below are the versions of the ledger, which a snapshot bears. */
export const FIRST_STAMP = 1_000_000 * JOBS_MAX;

const PROGRESS_HEAD = Buffer.from('{"type":"parent_job_progress"');
const VERSION = Buffer.from('"version":');
const ZERO = 48;
const NINE = 57;

/** Where the digits stood in the last frame; in the next they stand there too. */
let usualOffset = Number.POSITIVE_INFINITY;

/** The version of a frame of progress; null for any other. */
export function readStamp(bytes: Buffer, start: number, end: number): number | null {
  if (!standsAt(bytes, PROGRESS_HEAD, start, end)) return null;
  if (!standsAt(bytes, VERSION, start + usualOffset, end)) {
    const found = bytes.indexOf(VERSION, start);
    if (found < 0 || found > end) return null;
    usualOffset = found - start;
  }
  let at = start + usualOffset + VERSION.length;
  let value = 0;
  for (let digit = bytes[at] ?? 0; digit >= ZERO && digit <= NINE; digit = bytes[at] ?? 0) {
    value = value * 10 + (digit - ZERO);
    at += 1;
  }
  return value;
}

const standsAt = (bytes: Buffer, wanted: Buffer, at: number, end: number): boolean =>
  at + wanted.length <= end && bytes.compare(wanted, 0, wanted.length, at, at + wanted.length) === 0;
