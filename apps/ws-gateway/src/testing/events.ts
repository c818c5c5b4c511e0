import type {
  JobEvent,
  JobProgressEvent,
  LifecycleEvent,
  ParentJobProgress,
  ParentJobProgressEvent,
  PipelineEvent,
  ServerMessage,
} from '@progeny/contract';
import { type Identity, toParentJobProgress, zeroCounts } from '@progeny/core';
import type { Snapshot } from '@progeny/job-store';
import { Frame } from '../hub/frame.ts';
import type { Reader } from '../hub/reader.ts';

const timestamp = '2030-01-01T00:00:00.000Z';

export const OWNER = { tenantId: 'acme', userId: 'ann' };

export const jobId = (index = 1): string => `01890000-0000-7000-8000-${String(index).padStart(12, '0')}`;

export const progress = (
  version: number,
  { id = jobId(), status = 'running' as ParentJobProgress['status'], parentId = null as string | null } = {},
): ParentJobProgressEvent => ({
  type: 'parent_job_progress',
  timestamp,
  payload: toParentJobProgress({
    jobId: id,
    parentId,
    version,
    status,
    sealed: true,
    counts: { ...zeroCounts, running: status === 'running' ? 1 : 0, completed: version },
    childrenPerSecond: 0,
    verifiedAt: null,
  }),
});

export const jobProgress = (
  version: number,
  { id = jobId(), parentId = null as string | null } = {},
): JobProgressEvent => ({
  type: 'JOB_PROGRESS',
  timestamp,
  payload: {
    job_id: id,
    parent_id: parentId,
    operation_type: 'crawl',
    version,
    progress: Math.min(100, version),
    stage: 'fetch',
    label: '',
  },
});

export const lifecycle = (
  seq: number,
  {
    id = jobId(),
    parentId = null as string | null,
    type = 'JOB_STARTED' as 'JOB_STARTED' | 'JOB_CANCELLED',
    operationType = 'crawl',
    isParent = false,
  } = {},
): LifecycleEvent => ({
  type,
  timestamp,
  payload: {
    job_id: id,
    parent_id: parentId,
    ...(isParent && { is_parent: true }),
    operation_type: operationType,
    seq,
  },
});

/** The parent of the children here. */
export const PARENT = jobId(1_000);

export const step = (
  number: number,
  { id = jobId(), parentId = null as string | null } = {},
): PipelineEvent => ({
  type: 'pipeline_event',
  timestamp,
  payload: {
    job_id: id,
    parent_id: parentId,
    operation_type: 'crawl',
    number,
    at: timestamp,
    step: { event: 'page_started', page_index: number - 1 },
  },
});

/** What is read of a job. Without a lifecycle it is that of a parent that has not begun. */
export const snapshotOf = (
  state: ParentJobProgressEvent | JobProgressEvent,
  { seq = 0, events = [] as LifecycleEvent[], owner = OWNER } = {},
): Snapshot => ({
  ...owner,
  seq,
  lifecycle: events,
  ...(state.type === 'JOB_PROGRESS'
    ? { kind: 'child', progress: state.payload }
    : { kind: 'parent', progress: state.payload }),
});

/** One that fills a reader's buffers soon. */
export const large = (seq: number): LifecycleEvent => lifecycle(seq, { operationType: 'x'.repeat(60_000) });

/** One that takes everything at once and remembers it. */
export interface FakeReader extends Reader {
  readonly messages: ServerMessage[];
  /** Those that it might have left out. */
  readonly offered: ServerMessage[];
  readonly forgotten: string[];
  /** While true it is told nothing that it can do without. */
  isBehind: boolean;
}

export function createFakeReader(identity: Partial<Identity> = {}): FakeReader {
  const messages: ServerMessage[] = [];
  const offered: ServerMessage[] = [];
  const forgotten: string[] = [];
  const reader: FakeReader = {
    id: 'reader',
    isBehind: false,
    identity: { ...OWNER, role: 'operator', ...identity },
    messages,
    offered,
    forgotten,
    send: ({ message }) => void messages.push(message),
    offer({ message }) {
      offered.push(message);
      messages.push(message);
    },
    mention({ message }) {
      if (!reader.isBehind) messages.push(message);
    },
    forget: (id) => void forgotten.push(id),
    forgetAll: () => void forgotten.push('everything'),
  };
  return reader;
}

/**
 * `v3` for the progress of a parent, `p3` for that of a job, `n3` for a step, `JOB_STARTED 1` for a lifecycle event,
 * else the type and what it is about.
 */
export function brief(message: ServerMessage): string {
  if (message.type === 'parent_job_progress') return `v${message.payload.version}`;
  if (message.type === 'JOB_PROGRESS') return `p${message.payload.version}`;
  if (message.type === 'pipeline_event') return `n${message.payload.number}`;
  if ('seq' in message.payload) return `${message.type} ${message.payload.seq}`;
  return 'code' in message.payload ? `${message.type} ${message.payload.code}` : message.type;
}

export const briefly = (reader: Pick<FakeReader, 'messages'>): string[] => reader.messages.map(brief);

export const frameOf = (event: JobEvent): Frame => new Frame(event);
