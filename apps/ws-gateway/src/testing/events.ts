import type {
  JobEvent,
  JobProgressEvent,
  LifecycleEvent,
  ParentJobProgress,
  ParentJobProgressEvent,
  ServerMessage,
} from '@progeny/contract';
import { type Identity, toParentJobProgress, zeroCounts } from '@progeny/core';
import { Frame } from '../hub/frame.ts';
import type { Reader } from '../hub/reader.ts';

const timestamp = '2030-01-01T00:00:00.000Z';

export const OWNER = { tenantId: 'acme', userId: 'ann' };

export const jobId = (index = 1): string => `01890000-0000-7000-8000-${String(index).padStart(12, '0')}`;

export const progress = (
  version: number,
  { id = jobId(), status = 'running' as ParentJobProgress['status'] } = {},
): ParentJobProgressEvent => ({
  type: 'parent_job_progress',
  timestamp,
  payload: toParentJobProgress({
    jobId: id,
    version,
    status,
    sealed: true,
    counts: { ...zeroCounts, running: status === 'running' ? 1 : 0, completed: version },
    childrenPerSecond: 0,
    verifiedAt: null,
  }),
});

export const jobProgress = (version: number, { id = jobId() } = {}): JobProgressEvent => ({
  type: 'JOB_PROGRESS',
  timestamp,
  payload: {
    job_id: id,
    parent_id: null,
    operation_type: 'crawl',
    version,
    progress: Math.min(100, version),
    stage: 'fetch',
    label: '',
  },
});

export const lifecycle = (
  seq: number,
  { id = jobId(), type = 'JOB_STARTED' as 'JOB_STARTED' | 'JOB_CANCELLED', operationType = 'crawl' } = {},
): LifecycleEvent => ({
  type,
  timestamp,
  payload: { job_id: id, parent_id: null, operation_type: operationType, seq },
});

/** One that fills a reader's buffers soon. */
export const large = (seq: number): LifecycleEvent => lifecycle(seq, { operationType: 'x'.repeat(60_000) });

/** One that takes everything at once and remembers it. */
export interface FakeReader extends Reader {
  readonly messages: ServerMessage[];
  /** Those that it might have left out. */
  readonly offered: ServerMessage[];
  readonly forgotten: string[];
}

export function createFakeReader(identity: Partial<Identity> = {}): FakeReader {
  const messages: ServerMessage[] = [];
  const offered: ServerMessage[] = [];
  const forgotten: string[] = [];
  return {
    id: 'reader',
    identity: { ...OWNER, role: 'operator', ...identity },
    messages,
    offered,
    forgotten,
    send: ({ message }) => void messages.push(message),
    offer({ message }) {
      offered.push(message);
      messages.push(message);
    },
    forget: (id) => void forgotten.push(id),
    forgetAll: () => void forgotten.push('everything'),
  };
}

/**
 * `v3` for the progress of a parent, `p3` for that of a job, `JOB_STARTED 1` for a lifecycle event, else the type and
 * what it is about.
 */
export function brief(message: ServerMessage): string {
  if (message.type === 'parent_job_progress') return `v${message.payload.version}`;
  if (message.type === 'JOB_PROGRESS') return `p${message.payload.version}`;
  if ('seq' in message.payload) return `${message.type} ${message.payload.seq}`;
  return 'code' in message.payload ? `${message.type} ${message.payload.code}` : message.type;
}

export const briefly = (reader: Pick<FakeReader, 'messages'>): string[] => reader.messages.map(brief);

export const frameOf = (event: JobEvent): Frame => new Frame(event);
