import { clockMs } from '../../measure/serve-commands.ts';
import { createLatencyHistogram } from './latency-histogram.ts';
import { openReader, type Reader } from './reader.ts';
import { FIRST_STAMP, jobOf, millisecondsOf } from './update-stamp.ts';

export interface GroupOptions {
  host: string;
  port: number;
  jobIds: readonly string[];
  /** How many. Reader n watches the `jobsEach` jobs from n * jobsEach on, around. */
  readers: number;
  jobsEach: number;
  /** When the stamps began, on the clock of the machine. */
  startedMs: number;
}

/** What came since the last `clear`. */
export interface Totals {
  /** Of progress, published since the start of the run. */
  frames: number;
  /** Of them, to readers that stalled. */
  stalledFrames: number;
  pings: number;
  /** A version that is not above the one before. */
  stale: number;
  /** Milliseconds from publish to arrival, of all but those who are told to stall. */
  latency: [bucket: number, count: number][];
  /** When the last frame came. */
  lastMs: number;
  /** Readers that were cut off, how the first of them, and how many that stalled. */
  lost: number;
  firstLoss: string | null;
  stalledLost: number;
}

/** Readers of one server, all in this process. */
export interface ReaderGroup {
  open(): Promise<void>;
  clear(): void;
  totals(): Totals;
  /**
   * Resolves with how many reader-and-job pairs lack the stamp of their job when `ms` are over; with 0 as soon as none
   * does. Readers that stall, and those that were cut off, are not asked.
   */
  lacking(stamps: readonly number[], ms: number): Promise<number>;
  /** The first `count` readers: they take on all jobs, and read nothing more. */
  stall(count: number): Promise<void>;
  /** They read on. */
  resume(): void;
  close(): Promise<void>;
}

/** At once on their way to the server; a listen queue is not endless. */
const OPENING_AT_ONCE = 64;
/** Each address of its own has ports of its own; macOS has but one. */
const LOCAL_ADDRESSES = process.platform === 'linux' ? 16 : 0;

const localAddressOf = (reader: number): string | null =>
  LOCAL_ADDRESSES === 0 ? null : `127.0.0.${2 + (reader % LOCAL_ADDRESSES)}`;

const NOTHING = { frames: 0, stalledFrames: 0, pings: 0, stale: 0, lastMs: 0 };

export function createReaderGroup({
  host,
  port,
  jobIds,
  readers: count,
  jobsEach,
  startedMs,
}: GroupOptions): ReaderGroup {
  const jobs = jobIds.length;
  const readers: Reader[] = [];
  const latency = createLatencyHistogram();
  const latest = new Float64Array(count * jobs);
  const stalled = new Set<number>();
  const lostOnes = new Set<number>();
  let isStalling = false;
  let counts = { ...NOTHING };
  let firstLoss: string | null = null;
  let wanted: { stamps: readonly number[]; left: number; done(): void } | null = null;

  const firstJobOf = (reader: number) => (reader * jobsEach) % jobs;
  /** Numbers of the jobs that a reader watches. */
  const watchedBy = (reader: number): number[] =>
    Array.from(
      { length: stalled.has(reader) ? jobs : jobsEach },
      (_, at) => (firstJobOf(reader) + at) % jobs,
    );

  const take = (reader: number, stamp: number) => {
    if (stamp < FIRST_STAMP) return;
    const nowMs = clockMs();
    const job = jobOf(stamp);
    const slot = reader * jobs + job;
    const before = latest[slot] ?? 0;
    counts.frames += 1;
    counts.lastMs = nowMs;
    if (stamp <= before) counts.stale += 1;
    latest[slot] = stamp;
    if (stalled.has(reader)) counts.stalledFrames += 1;
    else latency.add(nowMs - startedMs - millisecondsOf(stamp));
    if (wanted === null) return;
    const needed = wanted.stamps[job] ?? 0;
    if (before >= needed || stamp < needed) return;
    wanted.left -= 1;
    if (wanted.left === 0) wanted.done();
  };

  let pongs: (() => void)[] = [];
  const sendPongs = () => {
    const due = pongs;
    pongs = [];
    for (const send of due) send();
  };
  const onPing = (send: () => void) => {
    counts.pings += 1;
    if (pongs.push(send) === 1) setImmediate(sendPongs);
  };

  const open = (reader: number) =>
    openReader({
      host,
      port,
      localAddress: localAddressOf(reader),
      jobIds: watchedBy(reader).map((job) => jobIds[job] ?? ''),
      onProgress: (stamp) => take(reader, stamp),
      onPing,
      onLost: (how) => {
        lostOnes.add(reader);
        if (!stalled.has(reader)) firstLoss ??= how;
      },
    });

  return {
    async open() {
      let next = 0;
      const openOneByOne = async () => {
        for (let reader = next++; reader < count; reader = next++) {
          const opened = open(reader);
          readers[reader] = opened;
          await opened.subscribed;
        }
      };
      await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openOneByOne));
    },
    clear() {
      latency.clear();
      counts = { ...NOTHING };
    },
    totals() {
      const stalledLost = [...lostOnes].filter((reader) => stalled.has(reader)).length;
      const lost = lostOnes.size - stalledLost;
      return { ...counts, latency: latency.toPairs(), lost, firstLoss, stalledLost };
    },
    lacking(stamps, ms) {
      let left = 0;
      for (let reader = 0; reader < count; reader += 1) {
        if (lostOnes.has(reader) || (isStalling && stalled.has(reader))) continue;
        for (const job of watchedBy(reader)) {
          if ((latest[reader * jobs + job] ?? 0) < (stamps[job] ?? 0)) left += 1;
        }
      }
      if (left === 0) return Promise.resolve(0);
      return new Promise((resolve) => {
        const finish = () => {
          clearTimeout(timer);
          resolve(wanted?.left ?? 0);
          wanted = null;
        };
        const timer = setTimeout(finish, ms);
        wanted = { stamps, left, done: finish };
      });
    },
    async stall(first) {
      for (let reader = 0; reader < first; reader += 1) stalled.add(reader);
      await Promise.all([...stalled].map((reader) => readers[reader]?.subscribe(jobIds)));
      isStalling = true;
      for (const reader of stalled) readers[reader]?.pause();
    },
    resume() {
      isStalling = false;
      for (const reader of stalled) readers[reader]?.resume();
    },
    async close() {
      await Promise.all(readers.map((reader) => reader.close()));
    },
  };
}
