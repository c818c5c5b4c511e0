import type { ChildStatus, ReportAnswer } from '@progeny/contract';
import { isEnded } from '@progeny/core';

/** What the manager said of a child, so what Postgres must say at the end. */
export interface AcceptedChild {
  parentId: string;
  /** Null when only a report named it. */
  key: string | null;
  /** The end that an answer told of; null when none did. */
  end: ChildStatus | null;
  /** The highest attempt that an answer told of. */
  attempt: number;
}

/** Everything that was accepted by the manager: parents, children and reports. Written as answers come. */
export interface Accepted {
  readonly parents: ReadonlyMap<string, { kind: 'crawl' | 'custom' }>;
  readonly children: ReadonlyMap<string, AcceptedChild>;
  /** Answers that contradict an earlier one, in words. */
  readonly contradictions: readonly string[];
  readonly reports: number;
  parent(jobId: string, kind: 'crawl' | 'custom'): void;
  child(parentId: string, jobId: string, key: string): void;
  answer(answer: ReportAnswer): void;
  onParent(listener: (jobId: string) => void): void;
}

export function createAccepted(): Accepted {
  const parents = new Map<string, { kind: 'crawl' | 'custom' }>();
  const children = new Map<string, AcceptedChild>();
  const contradictions: string[] = [];
  const listeners: ((jobId: string) => void)[] = [];
  let reports = 0;
  return {
    parents,
    children,
    contradictions,
    get reports() {
      return reports;
    },
    parent(jobId, kind) {
      if (parents.has(jobId)) return;
      parents.set(jobId, { kind });
      for (const listener of listeners) listener(jobId);
    },
    child(parentId, jobId, key) {
      const known = children.get(jobId);
      if (!known) children.set(jobId, { parentId, key, end: null, attempt: 0 });
      else if (known.key !== key) contradictions.push(`child ${jobId} is ${known.key} and ${key}`);
    },
    answer({ job_id, outcome, status, attempt }) {
      reports += 1;
      const child = children.get(job_id);
      if (!child || outcome === 'unknown_job' || status === null || attempt === null) {
        contradictions.push(`child ${job_id} was accepted and is ${outcome}`);
        return;
      }
      child.attempt = Math.max(child.attempt, attempt);
      if (!isEnded(status)) return;
      if (child.end !== null && child.end !== status) {
        contradictions.push(`child ${job_id} was ${child.end} and then ${status}`);
      }
      child.end ??= status;
    },
    onParent: (listener) => void listeners.push(listener),
  };
}
