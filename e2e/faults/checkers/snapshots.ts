import type { LifecycleEvent, ParentJobProgress } from '@progeny/contract';
import { countsOf, faultsOfSnapshot, faultsOfStep } from './snapshot-faults.ts';
import type { Violations } from './violations.ts';

/**
 * How strictly a viewer's frames are judged.
 * `subscriber`: strictly rising on a connection, and what a new connection starts with is never older than what was
 * seen. `watcher`: the same on a connection; a new one starts with whatever comes next. `poller`: never older.
 * `bus`: drops what is not newer, as docs/EVENTS.md says, and is judged by what is left.
 */
export type ViewerKind = 'subscriber' | 'watcher' | 'poller' | 'bus';

/** One viewer's frames, as they come. */
export interface SnapshotLine {
  connected(): void;
  /** False when it is older than what was seen. */
  progress(progress: ParentJobProgress): boolean;
  lifecycle(event: LifecycleEvent): void;
}

export interface SnapshotChecker {
  viewer(name: string, kind: ViewerKind): SnapshotLine;
  readonly frames: number;
  /** The types of terminal events that any viewer saw, by job. */
  readonly ends: ReadonlyMap<string, ReadonlySet<string>>;
}

interface Seen {
  progress: ParentJobProgress | null;
  /** The connection that the last frame came on. */
  connection: number;
  endedOn: number | null;
  /** Of the last end that was seen. */
  endSeq: number;
}

/** Checks that every snapshot is right in itself, newer than the one before, and the last of its job at its end. */
export function createSnapshotChecker(violations: Violations): SnapshotChecker {
  /** The newest snapshot that any viewer has seen: the same version says the same to everybody. */
  const newest = new Map<string, ParentJobProgress>();
  const ends = new Map<string, Set<string>>();
  let frames = 0;

  const judgeAmongOthers = (progress: ParentJobProgress): string[] => {
    const known = newest.get(progress.job_id);
    if (!known || known.version < progress.version) {
      newest.set(progress.job_id, progress);
      return known ? faultsOfStep(known, progress) : [];
    }
    if (known.version > progress.version) return faultsOfStep(progress, known);
    const [one, other] = [known, progress].map((state) => JSON.stringify([state.status, countsOf(state)]));
    return one === other ? [] : [`version ${progress.version} is ${one} and ${other}`];
  };

  return {
    get frames() {
      return frames;
    },
    ends,
    viewer(name, kind) {
      const jobs = new Map<string, Seen>();
      let connection = 0;
      const seenOf = (jobId: string): Seen => {
        const seen = jobs.get(jobId) ?? { progress: null, connection: 0, endedOn: null, endSeq: 0 };
        jobs.set(jobId, seen);
        return seen;
      };
      const complain = (jobId: string, faults: readonly string[]) => {
        for (const what of faults) violations.add('snapshots', `${name}, job ${jobId}: ${what}`);
      };

      return {
        connected() {
          connection += 1;
        },
        progress(progress) {
          frames += 1;
          const { job_id: jobId, version } = progress;
          const seen = seenOf(jobId);
          const last = seen.progress;
          const isNewer = !last || version > last.version;
          complain(jobId, [...faultsOfSnapshot(progress), ...judgeAmongOthers(progress)]);
          if (kind !== 'bus') complain(jobId, orderFaults({ kind, seen, version, connection }));
          seen.connection = connection;
          if (isNewer) seen.progress = progress;
          return isNewer;
        },
        lifecycle(event) {
          frames += 1;
          const { job_id: jobId, seq } = event.payload;
          const seen = seenOf(jobId);
          if (event.type === 'JOB_STARTED') {
            // It was retried: this run has its own end.
            if (seq > seen.endSeq) seen.endedOn = null;
            return;
          }
          seen.endSeq = Math.max(seen.endSeq, seq);
          ends.set(jobId, (ends.get(jobId) ?? new Set()).add(event.type));
          if (kind !== 'bus' && seen.endedOn === connection) complain(jobId, ['a second end']);
          seen.endedOn = connection;
        },
      };
    },
  };
}

function orderFaults({
  kind,
  seen,
  version,
  connection,
}: {
  kind: Exclude<ViewerKind, 'bus'>;
  seen: Seen;
  version: number;
  connection: number;
}): string[] {
  const last = seen.progress?.version ?? 0;
  const faults: string[] = [];
  if (seen.endedOn === connection) faults.push(`version ${version} after the terminal event`);
  const isFirst = seen.connection !== connection;
  switch (kind) {
    case 'poller':
      if (version < last) faults.push(`version ${version} after ${last}`);
      break;
    case 'subscriber':
      if (version < last) faults.push(`version ${version} after ${last}`);
      if (version === last && !isFirst) faults.push(`version ${version} twice`);
      break;
    case 'watcher':
      if (version <= last && !isFirst) faults.push(`version ${version} after ${last}`);
      break;
  }
  return faults;
}
