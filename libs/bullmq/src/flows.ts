import type { ParentReporter, Reporter, StatusReport } from '@progeny/reporter';
import type { AnyJob, AnyQueue } from './bridge.ts';
import { jobErrorOf } from './job-error.ts';
import { openParent } from './parents.ts';
import { createQueues } from './queues.ts';

/** The parent jobs of flows, each a parent here whose children are the jobs that it waits for. */
export interface Flows {
  /** The parent of that job, and its key there; undefined when it is in no flow. */
  of(job: AnyJob): { parent: ParentReporter; key: string } | undefined;
  /** Whether jobs belong to this one; a read for jobs that are not known yet. */
  isParent(job: AnyJob): Promise<boolean>;
  /** This job of the attached queue is a flow's parent, and something happened to it. */
  note(jobId: string): void;
  /** Whether that job of the attached queue was noted. */
  isKnown(jobId: string): boolean;
  /** Adds the children of those flows that are due, tells of those in other queues, and seals. */
  sync(): Promise<void>;
  /** All are due: something of them may have been lost. */
  dueAgain(): void;
  readonly areDue: boolean;
  close(): Promise<void>;
}

interface Flow {
  parent: ParentReporter;
  queueKey: string;
  jobId: string;
  /** It has to be looked at. */
  isDue: boolean;
  /** Some of its children are in queues that nobody may be attached to. */
  hasOthers: boolean;
}

/** The newest; an older one is looked at again when a job of it is heard of. */
const FLOWS_KEPT = 10_000;
const ROOM_MS = 5_000;

export function createFlows({ reporter, queue }: { reporter: Reporter; queue: AnyQueue }): Flows {
  const prefix = queue.opts.prefix ?? 'bull';
  const flows = new Map<string, Flow>();
  const queues = createQueues(queue);

  const flowOf = (queueKey: string, jobId: string): Flow => {
    const flowKey = `${queueKey}:${jobId}`;
    const known = flows.get(flowKey);
    if (known) return known;
    const name = shortKey(flowKey);
    const parent = openParent(reporter, { key: `bullmq:${flowKey}:flow`, name, childType: 'bullmq' });
    const flow = { parent, queueKey, jobId, isDue: true, hasOthers: false };
    flows.set(flowKey, flow);
    if (flows.size > FLOWS_KEPT) {
      const [oldest] = flows.keys();
      if (oldest !== undefined) flows.delete(oldest);
    }
    return flow;
  };
  /** Without the prefix: the queue and the id, which tell jobs of several queues apart. */
  const shortKey = (key: string) => (key.startsWith(`${prefix}:`) ? key.slice(prefix.length + 1) : key);

  const sync = async (flow: Flow) => {
    const { parent } = flow;
    const job = await queues.get(flow.queueKey).getJob(flow.jobId);
    if (job) {
      // Before its children: once it does not run they are all it has.
      const isRunning = (await job.getState()) === 'active';
      await addChildren(flow, job);
      // While it runs itself it may add more of them.
      if (isRunning) return;
    }
    // Removed it knows nothing of its children: those that are known here are all there will be.
    parent.seal();
    flow.isDue = false;
  };
  const addChildren = async (flow: Flow, job: AnyJob) => {
    const { parent } = flow;
    const { processed = {}, unprocessed = [], ignored = {}, failed = [] } = await job.getDependencies();
    const ended = new Map<string, StatusReport>();
    for (const [key, result] of Object.entries(processed)) {
      ended.set(key, { status: 'completed', attempt: 1, result });
    }
    for (const key of failed)
      ended.set(key, { status: 'failed', attempt: 1, error: jobErrorOf(undefined, undefined) });
    for (const [key, reason] of Object.entries(ignored)) {
      ended.set(key, { status: 'failed', attempt: 1, error: jobErrorOf(String(reason), undefined) });
    }
    for (const key of new Set([...unprocessed, ...ended.keys()])) {
      await reporter.hasRoom(ROOM_MS);
      parent.addChild(shortKey(key));
      if (key.startsWith(`${queue.qualifiedName}:`)) continue;
      flow.hasOthers = true;
      const end = ended.get(key);
      if (end) parent.status(shortKey(key), end);
    }
  };

  return {
    of(job) {
      if (!job.parent?.id) return undefined;
      const { parent } = flowOf(job.parent.queueKey, job.parent.id);
      return { parent, key: shortKey(`${job.queueQualifiedName}:${job.id}`) };
    },
    async isParent(job) {
      const counts = await job.getDependenciesCount();
      return Object.values(counts).some((count) => count > 0);
    },
    note(jobId) {
      const flow = flowOf(queue.qualifiedName, jobId);
      if (flow.hasOthers) flow.isDue = true;
    },
    isKnown: (jobId) => flows.has(`${queue.qualifiedName}:${jobId}`),
    async sync() {
      for (const flow of [...flows.values()]) if (flow.isDue) await sync(flow);
    },
    dueAgain() {
      for (const flow of flows.values()) flow.isDue = true;
    },
    get areDue() {
      return [...flows.values()].some(({ isDue }) => isDue);
    },
    close: () => queues.close(),
  };
}
