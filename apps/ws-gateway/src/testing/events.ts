import type {
  LifecycleEvent,
  ParentJobProgress,
  ParentJobProgressEvent,
  ServerMessage,
} from '@progeny/contract';
import { toParentJobProgress, zeroCounts } from '@progeny/core';
import type { JobEvent } from '../job-line.ts';
import type { Frame, Peer } from '../peer.ts';

const timestamp = '2030-01-01T00:00:00.000Z';

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
    counts: { ...zeroCounts, running: 1, completed: version },
    childrenPerSecond: 0,
    verifiedAt: null,
  }),
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

export interface FakePeer extends Peer {
  messages: ServerMessage[];
}

export function createFakePeer(id = 'peer'): FakePeer {
  const messages: ServerMessage[] = [];
  return { id, messages, send: ({ message }: Frame) => void messages.push(message) };
}

/** `v3` for a progress, `JOB_STARTED 1` for a lifecycle event, else the type and what it is about. */
export function brief(message: ServerMessage): string {
  if (message.type === 'parent_job_progress') return `v${message.payload.version}`;
  if ('seq' in message.payload) return `${message.type} ${message.payload.seq}`;
  return 'code' in message.payload ? `${message.type} ${message.payload.code}` : message.type;
}

export const briefly = (peer: FakePeer): string[] => peer.messages.map(brief);

export const frameOf = (event: JobEvent): Frame => ({ message: event, text: JSON.stringify(event) });
