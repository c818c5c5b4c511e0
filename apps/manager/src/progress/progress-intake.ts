import { LIMITS, type ProgressOutcome } from '@progeny/contract';
import { laterProgress, saysHowFar } from '@progeny/core';
import type { ChildProgressReport, JobStore } from '@progeny/job-store';
import { isTransient, type Log } from '@progeny/kit';
import type { Announcer } from '../announcer.ts';
import type { ManagerCounts } from '../manager-metrics.ts';

/** Where progress comes in: what children say within a moment is merged, stored as one, and then told. */
export interface ProgressIntake {
  /**
   * Resolves when it is stored and told: one outcome each, in the order given. Rejects with ProgressFullError when too
   * much waits already, and with whatever the store rejects with; none of it is stored then, and all of it counted.
   */
  take(reports: readonly ChildProgressReport[]): Promise<ProgressOutcome[]>;
  /** Resolves when what was taken of these children is stored, or lost; at once when there is nothing. Never rejects. */
  settle(jobIds: readonly string[]): Promise<void>;
  /** The same for all of it. */
  drain(): Promise<void>;
}

export interface ProgressIntakeParts extends Pick<ManagerCounts, 'onLost'> {
  store: Pick<JobStore, 'saveProgress'>;
  announcer: Pick<Announcer, 'progress'>;
  log: Log;
  gatherMs?: number;
  maxWaiting?: number;
}

/** More progress waits than the ledger takes. The same call may succeed in a moment. */
export class ProgressFullError extends Error {
  readonly code = 'unavailable';
  readonly retryable = true;

  constructor() {
    super('more progress waits to be stored than is kept; try again');
    this.name = 'ProgressFullError';
  }
}

/** Reports that become one `saveProgress`. */
interface Group {
  merged: ChildProgressReport[];
  /** By child: the place of its last report in `merged`. */
  lastOf: Map<string, number>;
  /** Reports in it, before they were merged. */
  taken: number;
  /** Reports and steps: what it holds in memory. */
  parts: number;
  /** Gathers no longer. */
  hurry: () => void;
  stored: Promise<ProgressOutcome[]>;
}

const GATHER_MS = 50;

export function createProgressIntake(parts: ProgressIntakeParts): ProgressIntake {
  const { store, announcer, log, onLost } = parts;
  const { gatherMs = GATHER_MS, maxWaiting = LIMITS.progressPartsWaiting } = parts;
  let gathering: Group | null = null;
  /** The one that gathers, and the one before it while it is being stored. */
  const groups = new Set<Group>();
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const open = (): Group => {
    const group: Group = {
      merged: [],
      lastOf: new Map(),
      taken: 0,
      parts: 0,
      hurry: () => {},
      stored: Promise.resolve([]),
    };
    const gathered = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, gatherMs);
      group.hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    // One after the other, so that of two groups the later one counts; it gathers on meanwhile.
    group.stored = Promise.all([gathered, last]).then(() => save(group));
    last = group.stored.catch(() => undefined);
    groups.add(group);
    return group;
  };

  const save = async (group: Group) => {
    if (gathering === group) gathering = null;
    const saving = store.saveProgress(group.merged);
    const told = announcer.progress([...group.lastOf.keys()], saving);
    try {
      return (await saving).outcomes;
    } catch (error) {
      onLost('store', group.taken);
      if (!isTransient(error)) log.error({ err: error, reports: group.taken }, 'progress was not stored');
      throw error;
    } finally {
      await told;
      waiting -= group.parts;
      groups.delete(group);
    }
  };

  return {
    async take(reports) {
      if (reports.length === 0) return [];
      if (waiting >= maxWaiting) {
        onLost('full', reports.length);
        throw new ProgressFullError();
      }
      gathering ??= open();
      const group = gathering;
      const places = reports.map((report) => {
        const size = 1 + report.steps.length;
        group.taken += 1;
        group.parts += size;
        waiting += size;
        return place(group, report);
      });
      const outcomes = await group.stored;
      return places.map((at) => outcomes[at] ?? 'unknown_job');
    },
    async settle(jobIds) {
      const concerned = [...groups].filter(({ lastOf }) => jobIds.some((jobId) => lastOf.has(jobId)));
      for (const { hurry } of concerned) hurry();
      await Promise.allSettled(concerned.map(({ stored }) => stored));
    },
    async drain() {
      for (const { hurry } of groups) hurry();
      await last;
    },
  };
}

/**
 * Where in the group the report stands. It is merged into the last one of its child when both are about the same try
 * and would be answered alike: the last value of each part counts, and steps follow one another.
 */
function place({ merged, lastOf }: Group, report: ChildProgressReport): number {
  const at = lastOf.get(report.jobId);
  const before = at === undefined ? undefined : merged[at];
  if (at !== undefined && before !== undefined && areMergeable(before, report)) {
    merged[at] = {
      jobId: report.jobId,
      attempt: report.attempt,
      ...laterProgress(before, report),
      steps: [...before.steps, ...report.steps],
    };
    return at;
  }
  lastOf.set(report.jobId, merged.length);
  return merged.push(report) - 1;
}

/** Of a child that does not run only what happened is taken, and not how far it is. */
const areMergeable = (before: ChildProgressReport, report: ChildProgressReport): boolean =>
  before.attempt === report.attempt &&
  saysHowFar(before) === saysHowFar(report) &&
  before.steps.length + report.steps.length <= LIMITS.pipelineEventsKept;
