import type { LifecycleEvent, ParentJobProgress, ServerMessage } from '@progeny/contract';
import { readServerFrame, writeClientFrame } from '@progeny/contract/testing';
import { isParentEnded } from '@progeny/core';
import { WebSocket } from 'ws';
import { createLookers } from './lookers.ts';

/** What one connection was told of the job, in its order. */
export interface Connection {
  progress: ParentJobProgress[];
  /** The job's own lifecycle events. */
  lifecycle: LifecycleEvent[];
  /** Frames of progress that came after the terminal event. */
  afterTheEnd: number;
}

export interface Viewer {
  readonly connections: readonly Connection[];
  /** Resolves when a frame that is wanted has come, also on a later connection. */
  until(wanted: (progress: ParentJobProgress) => boolean): Promise<void>;
  /** Resolves when the terminal event has come. */
  ended(): Promise<void>;
  /** Resolves when the gateway has answered, after everything that it had to say before. */
  flushed(): Promise<void>;
  close(): void;
}

const RECONNECT_MS = 100;
const isTerminal = ({ type }: LifecycleEvent) => type !== 'JOB_STARTED';

/** Watches one job over a bare socket and keeps every frame; a connection that breaks is followed by the next. */
export function viewJob(gatewayUrl: string, jobId: string): Viewer {
  const connections: Connection[] = [];
  const { look, when } = createLookers();
  let socket: WebSocket;
  /** What is known of earlier connections, so that the end is told though it came between two of them. */
  let cursor: { epoch: string; after_seq: Record<string, number> } | undefined;
  let pongs = 0;
  let closed = false;

  const connect = () => {
    const connection: Connection = { progress: [], lifecycle: [], afterTheEnd: 0 };
    connections.push(connection);
    socket = new WebSocket(gatewayUrl);
    socket.on('open', () =>
      socket.send(writeClientFrame({ type: 'subscribe', payload: { job_ids: [jobId], ...cursor } })),
    );
    socket.on('message', (data) => {
      take(connection, readServerFrame(String(data)));
      look();
    });
    socket.on('error', () => {}); // a gateway that is not back yet; 'close' follows
    socket.on('close', () => {
      if (!closed) setTimeout(connect, RECONNECT_MS);
    });
  };
  const take = (connection: Connection, message: ServerMessage) => {
    switch (message.type) {
      case 'subscribed':
        // Until now it watched everything; the job begins anew with its snapshot.
        connection.progress.length = 0;
        for (const { recovered, seq } of message.payload.jobs) {
          const { epoch } = message.payload;
          if (recovered) continue;
          cursor = { epoch, after_seq: { [jobId]: seq } };
          // A start that was told late, to who watched everything: the snapshot holds it.
          connection.lifecycle = connection.lifecycle.filter(
            (event) => isTerminal(event) || event.payload.seq > seq,
          );
        }
        return;
      case 'parent_job_progress':
        if (connection.lifecycle.some(isTerminal)) connection.afterTheEnd += 1;
        connection.progress.push(message.payload);
        return;
      case 'JOB_STARTED':
      case 'JOB_COMPLETED':
      case 'JOB_FAILED':
      case 'JOB_CANCELLED':
        if (message.payload.job_id !== jobId) return;
        connection.lifecycle.push(message);
        if (cursor) cursor.after_seq[jobId] = message.payload.seq;
        return;
      case 'pong':
        pongs += 1;
        return;
      default:
    }
  };
  connect();
  return {
    connections,
    until: (wanted) => when(() => connections.some(({ progress }) => progress.some(wanted))),
    ended: () => when(() => connections.some(({ lifecycle }) => lifecycle.some(isTerminal))),
    flushed() {
      const before = pongs;
      socket.send(writeClientFrame({ type: 'ping' }));
      return when(() => pongs > before);
    },
    close() {
      closed = true;
      socket.terminate();
    },
  };
}

/** How a viewer was misled; nothing when every connection was right. */
export function faultsOf({ connections }: Viewer): string[] {
  return connections.flatMap(({ progress, lifecycle, afterTheEnd }, index) => {
    const faults: string[] = [];
    const versions = progress.map(({ version }) => version);
    if (versions.some((version, at) => at > 0 && version <= (versions[at - 1] ?? 0))) {
      faults.push(`versions ${versions.join(' ')}`);
    }
    for (const frame of progress) {
      const sum =
        frame.pending_children +
        frame.running_children +
        frame.completed_children +
        frame.failed_children +
        frame.cancelled_children +
        frame.skipped_children;
      if (sum !== frame.total_children) faults.push(`${sum} of ${frame.total_children} children`);
      if (frame.progress_percentage === 100 && !isParentEnded(frame.status)) faults.push('100 % too early');
    }
    if (afterTheEnd > 0) faults.push(`${afterTheEnd} frames after the end`);
    if (lifecycle.filter(isTerminal).length > 1) faults.push('ended more than once');
    return faults.map((fault) => `connection ${index + 1}: ${fault}`);
  });
}
