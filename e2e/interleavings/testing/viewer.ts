import { createJobLedger } from '@progeny/client';
import type { LifecycleEvent, ParentJobProgress, ParentJobProgressEvent } from '@progeny/contract';
import type { JobStore, Snapshot } from '@progeny/job-store';
import { createBackupPoll, createHub, Frame as EventFrame, type Hub } from '@progeny/ws-gateway';
import { ALL } from './executor.ts';
import { createWire, type Wire } from './wire.ts';

export type Frame = ParentJobProgressEvent | LifecycleEvent;
type Reader = Parameters<Hub['join']>[0];
type ParentSnapshot = Extract<Snapshot, { kind: 'parent' }>;
type Started = Parameters<ReturnType<Hub['subscribe']>['start']>[0];

/** One gateway replica and what the bus has for it. */
export interface Gateway {
  hub: Hub;
  bus: Wire<Frame>;
  /** Time has passed: what waited for it goes out. */
  tick(): void;
  /** Reads what is known to be missing, and what fell silent; `everything`: the bus was away. */
  backupPoll(options?: { everything: boolean }): Promise<void>;
}

/** How long a job is silent before its gateway reads it. */
export const SILENT_FOR_MS = 30_000;

export function createGateway(store: JobStore, now: () => number): Gateway {
  const tasks = new Map<() => void, number>();
  const gaps = new Set<string>();
  const hub = createHub({
    clock: {
      now,
      after(delayMs, task) {
        tasks.set(task, now() + delayMs);
        return { cancel: () => void tasks.delete(task) };
      },
    },
    onWatched: () => () => undefined,
    onGap: (jobId) => void gaps.add(jobId),
  });
  const { poll, catchUp } = createBackupPoll({
    hub,
    store,
    silentForMs: SILENT_FOR_MS,
    now,
    onDelivered: () => undefined,
  });
  return {
    hub,
    bus: createWire(),
    tick() {
      for (const [task, atMs] of tasks) {
        if (atMs > now()) continue;
        tasks.delete(task);
        task();
      }
    },
    async backupPoll({ everything } = { everything: false }) {
      const missing = [...gaps];
      gaps.clear();
      await catchUp(missing);
      await poll({ everything });
    },
  };
}

export const OWNER = { tenantId: 'acme', userId: 'ann' };

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
  snapshot(): Promise<boolean>;
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
  /** These are said to be gone. */
  onGone: (jobIds: readonly string[]) => void;
  /** A frame that was news to the client. */
  onAccepted: (frame: Frame) => void;
}

export function createViewer(parts: ViewerParts): Viewer {
  const { store, watchesAll, onSent, onConnected, onGone, onAccepted } = parts;
  const ledger = createJobLedger({ keep: () => true });
  // A connection keeps its order; what is read over HTTP beside it is progress alone.
  const wire = createWire<Frame>(({ type, payload }) =>
    type === 'parent_job_progress' ? null : payload.job_id,
  );
  const jobIds = new Set<string>();
  let connections = 0;
  let hub: Hub | undefined;
  let peer: Reader | undefined;
  let starts: (() => Promise<void>)[] = [];

  const frameOf = (payload: ParentJobProgress): ParentJobProgressEvent => ({
    type: 'parent_job_progress',
    payload,
    timestamp: '2030-01-01T00:00:00Z',
  });
  const read = async (jobId: string) => {
    const [snapshot] = (await store.readSnapshots([jobId])).snapshots;
    return snapshot?.kind === 'parent' ? snapshot : undefined;
  };
  const startOf = (snapshot: ParentSnapshot): Started => ({
    snapshot,
    state: new EventFrame(frameOf(snapshot.progress)),
    replay: snapshot.lifecycle.map((event) => new EventFrame(event)),
  });
  /** Registers and reads now, with all of the lifecycle; the snapshot comes to the subscription later, and much may happen in between. */
  const subscribe = async (jobId: string) => {
    if (!hub || !peer) return;
    const at = hub;
    const subscription = at.subscribe(peer, jobId);
    const first = await read(jobId);
    starts.push(async () => {
      const snapshot = first && !subscription.follows(first) ? await read(jobId) : first;
      if (!snapshot || subscription.hasEnded) return;
      at.seed(snapshot);
      subscription.start(startOf(snapshot));
    });
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
      const take = ({ message }: EventFrame) => {
        if (message.type === 'refused') return onGone(message.payload.job_ids ?? []);
        const frame = message as Frame;
        onSent(frame);
        wire.put(frame);
      };
      peer = {
        id: `${connections}`,
        identity: { ...OWNER, role: 'operator' },
        send: take,
        offer: take,
        mention: () => undefined,
        forget: () => undefined,
        forgetAll: () => undefined,
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
    async snapshot() {
      const start = starts.shift();
      await start?.();
      return start !== undefined;
    },
    receive(frame) {
      if (ledger.take(frame) === 'news') onAccepted(frame);
    },
    get: (parentId) => ledger.progress(parentId),
  };
}
