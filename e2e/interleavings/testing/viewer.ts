import { createJobLedger } from '@progeny/client';
import type { LifecycleEvent, ParentJobProgress, ParentJobProgressEvent } from '@progeny/contract';
import type { JobStore } from '@progeny/job-store';
import { createBackupPoll, createHub, type Hub } from '@progeny/ws-gateway';
import { ALL } from './executor.ts';
import { createWire, type Wire } from './wire.ts';

export type Frame = ParentJobProgressEvent | LifecycleEvent;
type Peer = Parameters<Hub['join']>[0];

/** One gateway replica and what the bus has for it. */
export interface Gateway {
  hub: Hub;
  bus: Wire<Frame>;
  backupPoll(): Promise<void>;
}

/** How long a job is silent before its gateway reads it. */
export const SILENT_FOR_MS = 30_000;

export function createGateway(store: JobStore, now: () => number): Gateway {
  const hub = createHub();
  return {
    hub,
    bus: createWire(),
    backupPoll: createBackupPoll({
      hub,
      store,
      silentForMs: SILENT_FOR_MS,
      now,
      onDelivered: () => undefined,
    }),
  };
}

/** One client over its connections; what it knows outlives them. */
export interface Viewer {
  readonly jobIds: ReadonlySet<string>;
  /** What its connection, and its reads over HTTP, have for it. */
  wire: Wire<Frame>;
  /** Whether its first connection still stands. */
  readonly unbroken: boolean;
  /** A connection to this gateway; what the last one still carried is lost. */
  connect(gateway: Gateway): Promise<void>;
  /** There is a new parent; whoever names what it watches names that, too. */
  born(parentId: string): Promise<void>;
  /** A snapshot that was read before reaches its subscription. */
  snapshot(): boolean;
  receive(frame: Frame): void;
  get(parentId: string): ParentJobProgress | undefined;
}

export interface ViewerParts {
  store: JobStore;
  /** Watches everything, or else names each parent. */
  watchesAll: boolean;
  /** A frame that a gateway sent on the present connection. */
  onSent: (frame: Frame) => void;
  onConnected: () => void;
  /** A frame that was news to the client. */
  onAccepted: (frame: Frame) => void;
}

export function createViewer(parts: ViewerParts): Viewer {
  const { store, watchesAll, onSent, onConnected, onAccepted } = parts;
  const ledger = createJobLedger({ keep: () => true });
  const wire = createWire<Frame>();
  const jobIds = new Set<string>();
  let connections = 0;
  let hub: Hub | undefined;
  let peer: Peer | undefined;
  let starts: (() => void)[] = [];

  const frameOf = (payload: ParentJobProgress): ParentJobProgressEvent => ({
    type: 'parent_job_progress',
    payload,
    timestamp: '2030-01-01T00:00:00Z',
  });
  /** Registers and reads now; the snapshot comes to the subscription later, and much may happen in between. */
  const subscribe = async (jobId: string) => {
    if (!hub || !peer) return;
    const subscription = hub.subscribe(peer, jobId);
    for (const { progress } of await store.getProgress([jobId])) {
      const message = frameOf(progress);
      starts.push(() => subscription.start(message, { message, text: '' }));
    }
  };

  return {
    jobIds,
    wire,
    get unbroken() {
      return connections === 1;
    },
    async connect(gateway) {
      if (hub && peer) hub.leave(peer);
      connections += 1;
      starts = [];
      wire.takeAll();
      onConnected();
      hub = gateway.hub;
      peer = {
        id: `${connections}`,
        send: ({ message }) => {
          const frame = message as Frame;
          onSent(frame);
          wire.put(frame);
        },
      };
      if (watchesAll) {
        hub.join(peer);
        const { jobs } = await store.listParents({ limit: ALL });
        for (const { progress } of jobs) wire.put(frameOf(progress));
      } else {
        for (const jobId of jobIds) await subscribe(jobId);
      }
    },
    async born(jobId) {
      jobIds.add(jobId);
      if (!watchesAll) await subscribe(jobId);
    },
    snapshot() {
      const start = starts.shift();
      start?.();
      return start !== undefined;
    },
    receive(frame) {
      if (ledger.take(frame) === 'news') onAccepted(frame);
    },
    get: (parentId) => ledger.progress(parentId),
  };
}
