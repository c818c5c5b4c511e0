import type { JobStatusChange, ProgenyEvent } from '@progeny/contract';
import type { EventBus } from '@progeny/event-bus';
import type { FoldResult, JobStore } from '@progeny/job-store';
import { publishFold, publishSweep } from '@progeny/parent-executor';

/** A replica whose every step stands alone, so that it may die between any two of them. */
export interface Executor {
  hear(change: JobStatusChange): void;
  poll(): Promise<void>;
  /** Folds what it was told of. The ledger has it then, and nobody else knows. */
  fold(): Promise<FoldResult[]>;
  /** Publishes one event, or does one sweep that a fold asked for. */
  tell(): Promise<void>;
  /** Everything that it had in memory is gone. */
  crash(): void;
  readonly isIdle: boolean;
}

type Task = { publish: ProgenyEvent } | { sweep: string };

const SWEEP_BATCH = 2;
export const ALL = 1_000;

/** The lives of children are told beside, and wake nobody here. */
const isHeard = ({ type, payload }: ProgenyEvent): boolean =>
  type === 'job_status_change' ||
  type === 'parent_job_progress' ||
  !('parent_id' in payload) ||
  payload.parent_id === null;

export function createExecutor(store: JobStore, publish: (event: ProgenyEvent) => void): Executor {
  const marked = new Set<string>();
  const born = new Set<string>();
  let tasks: Task[] = [];
  const outbox: Pick<EventBus, 'publish'> = {
    publish: ({ event }) => void (isHeard(event) && tasks.push({ publish: event })),
  };

  return {
    hear({ job_id, parent_id, from }) {
      marked.add(parent_id ?? job_id);
      if (parent_id === null && from === null) born.add(job_id);
    },
    async poll() {
      for (const parentId of await store.findUnfolded(ALL)) marked.add(parentId);
    },
    async fold() {
      const results = await store.fold([...marked]);
      marked.clear();
      for (const result of results) {
        const { job_id } = result.progress;
        const isFirst = born.delete(job_id);
        if (result.changed || isFirst) publishFold(outbox as EventBus, result);
        if (result.needsSweep) tasks.push({ sweep: job_id });
      }
      return results;
    },
    async tell() {
      const task = tasks.shift();
      if (!task) return;
      if ('publish' in task) return publish(task.publish);
      publishSweep(outbox as EventBus, await store.sweep(task.sweep, SWEEP_BATCH));
      marked.add(task.sweep);
    },
    crash() {
      marked.clear();
      born.clear();
      tasks = [];
    },
    get isIdle() {
      return marked.size === 0 && tasks.length === 0;
    },
  };
}
