import type { Command, JobStatusChange } from '@progeny/contract';
import { changePublications, type EventBus, headersOf, type Publication } from '@progeny/event-bus';
import type { ChildReport, Owner, ProgressSaved } from '@progeny/job-store';
import type { Log } from '@progeny/kit';
import type { ManagerCounts } from './manager-metrics.ts';

/** A command that stands in the ledger. */
export interface GivenCommand {
  owner: Owner;
  jobId: string;
  command: Command;
}

/**
 * Tells the bus what stands in the ledger. Nothing that goes wrong here is a fault of whoever asked: it is logged and
 * counted.
 */
export interface Announcer {
  /**
   * Each change, and what it means in the life of a child. `reports` are those that may have caused them: a completion
   * carries the result of its own.
   */
  changes(changes: readonly JobStatusChange[], reports?: readonly ChildReport[]): Promise<void>;
  command(given: GivenCommand): void;
  /**
   * Progress and steps, once they are saved. Changes of these children are told after it: whatever was stored before
   * an end is told before it. Never rejects.
   */
  progress(jobIds: readonly string[], saving: Promise<ProgressSaved>): Promise<void>;
}

export interface AnnouncerParts extends Pick<ManagerCounts, 'onChanges' | 'onRefused'> {
  bus: EventBus;
  log: Log;
}

export function createAnnouncer({ bus, log, onChanges, onRefused }: AnnouncerParts): Announcer {
  /** By child: its progress that is being saved. */
  const saving = new Map<string, Promise<void>>();

  const tell = (publication: Publication) => {
    try {
      bus.publish(publication);
    } catch (error) {
      log.error({ err: error, type: publication.event.type }, 'an event could not be told');
      onRefused();
    }
  };

  const tellProgress = ({ progress, steps }: ProgressSaved) => {
    const timestamp = new Date().toISOString();
    for (const { owner, payload } of progress) {
      tell({ ...addressOf(owner), event: { type: 'JOB_PROGRESS', payload, timestamp } });
    }
    for (const { owner, payload } of steps) {
      tell({ ...addressOf(owner), event: { type: 'pipeline_event', payload, timestamp } });
    }
  };

  return {
    async changes(changes, reports = []) {
      onChanges(changes);
      const before = saving.size > 0 ? changes.flatMap(({ job_id }) => saving.get(job_id) ?? []) : [];
      if (before.length > 0) await Promise.all(before);
      const resultOf = resultsOf(reports);
      const timestamp = new Date().toISOString();
      for (const change of changes) {
        const { event_id, job_id, parent_id, from, to } = change;
        log.debug({ event_id, job_id, parent_id, from, to }, 'status changed');
        for (const publication of changePublications(change, { timestamp, result: resultOf(change) })) {
          tell(publication);
        }
      }
    },
    command({ owner, jobId, command }) {
      const payload = { job_id: jobId, command };
      const timestamp = new Date().toISOString();
      tell({ ...addressOf(owner), event: { type: 'job_command', payload, timestamp } });
    },
    async progress(jobIds, saved) {
      const told = saved.then(tellProgress, () => undefined);
      for (const jobId of jobIds) saving.set(jobId, told);
      await told;
      for (const jobId of jobIds) if (saving.get(jobId) === told) saving.delete(jobId);
    },
  };
}

const addressOf = ({ tenantId, userId }: Owner) => ({
  tenantId,
  headers: headersOf({ user_id: userId }),
});

/** The result that a report brought with the change that it made. The first such report wins, as in the ledger. */
function resultsOf(reports: readonly ChildReport[]) {
  const results = new Map<string, Record<string, unknown>>();
  for (const { jobId, attempt, status, result } of reports) {
    const key = `${jobId} ${attempt} ${status}`;
    if (result && !results.has(key)) results.set(key, result);
  }
  return ({ job_id, attempt, to }: JobStatusChange) =>
    results.size > 0 ? results.get(`${job_id} ${attempt} ${to}`) : undefined;
}
