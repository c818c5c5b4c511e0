import type { JobEvent } from '@progeny/contract';
import { createMemoryEventBus, createMemoryHub } from '@progeny/event-bus';
import type { Snapshots } from '@progeny/job-store';
import { createLog } from '@progeny/kit';
import { createHub } from '../../hub/hub.ts';
import type { Reader } from '../../hub/reader.ts';
import { createInterest } from '../../interest.ts';
import { createBackupPoll } from '../../poll/backup-poll.ts';
import { createSession, type Session } from '../../session/session.ts';
import { createSnapshotReader, type SnapshotReader } from '../../session/snapshot-reader.ts';
import { jobId, OWNER } from '../events.ts';
import { createHandClock } from '../hand-clock.ts';
import { ledgerOf } from '../ledger-reads.ts';
import { createJudgedReader } from './judged-reader.ts';
import { createJudgedWatcher } from './judged-watcher.ts';
import { type Commit, createLedger } from './ledger.ts';
import { createScheduledBus } from './scheduled-bus.ts';

/** The parts of a session, for those who put them together in another order. */
export interface Assembly {
  standing: () => Promise<void>;
  read: (standing: () => Promise<void>) => SnapshotReader;
  session: (readSnapshot: SnapshotReader) => Session;
}
export type Assemble = (parts: Assembly) => Session;

/** As the gateway does. */
export const assembled: Assemble = ({ standing, read, session }) => session(read(standing));

/** A parent, and a child. */
const JOBS = [jobId(1), jobId(2)] as const;
const LOG = createLog({ service: 'test', level: 'silent' });

/** By its name, and whom it is about. */
export type Step =
  | ['commit', job: number, writer: number, what: Commit]
  | ['publish' | 'tell', writer: number]
  | ['subscribe' | 'unsubscribe', client: number, job: number]
  | ['reconnect' | 'stall' | 'flush', client: number]
  | ['answer', which: 'first' | 'last']
  | ['tick', ms: number]
  | ['serve' | 'arrive' | 'see' | 'stand' | 'look' | 'fail' | 'repair' | 'renew' | 'leave'];

/** What is waiting for something that the scheduler has not let happen yet. */
interface Read {
  ids: readonly string[];
  seen: Snapshots | null;
  answer: (found: Snapshots) => void;
  fail: (error: Error) => void;
}

/**
 * One gateway between a ledger with two writers and three readers, in which nothing happens but step by step: whatever
 * is committed, published, subscribed, routed, read or flushed waits for its step.
 */
export function createWorld(assemble: Assemble = assembled) {
  const faults: string[] = [];
  const complain = (fault: string) => void faults.push(fault);
  const ledger = createLedger({ parents: [JOBS[0]], children: [JOBS[1]] });
  const clock = createHandClock();
  const server = createMemoryHub();
  const publisher = createMemoryEventBus({ hub: server });
  const { bus, serve, arrive } = createScheduledBus(createMemoryEventBus({ hub: server }));
  /** What two replicas have committed and not told yet. */
  const outboxes: [JobEvent[], JobEvent[]] = [[], []];
  const reads: Read[] = [];
  const gaps = new Set<string>();

  const store = ledgerOf(
    (ids) => new Promise((answer, fail) => void reads.push({ ids, seen: null, answer, fail })),
  );
  const interest = createInterest({
    bus,
    deliver: (event, owner) => void hub.deliver(event, owner),
  });
  const hub = createHub({ clock, onWatched: interest.watch, onGap: (id) => void gaps.add(id) });
  const session = assemble({
    standing: interest.standing,
    read: (standing) => createSnapshotReader({ store, standing }),
    session: (readSnapshot) => createSession({ hub, readSnapshot, log: LOG }),
  });
  const { catchUp } = createBackupPoll({
    hub,
    store,
    silentForMs: 30_000,
    now: clock.now,
    onDelivered: () => undefined,
  });
  const clients = ['one', 'two'].map((name) => {
    const judged = createJudgedReader(name, ledger, complain);
    return { judged, reader: judged.connect() };
  });
  const watcher = createJudgedWatcher(ledger, complain);
  let isWatched = true;
  hub.join(watcher.reader);
  // What it misses until it stands is history to it.
  while (serve());

  const publish = (which: 0 | 1) => {
    const event = outboxes[which].shift();
    if (event) publisher.publish({ tenantId: OWNER.tenantId, event, headers: { user: OWNER.userId } });
    return event !== undefined;
  };
  const see = () => {
    const read = reads.find(({ seen }) => seen === null);
    if (read) read.seen = ledger.read(read.ids);
    return read !== undefined;
  };
  const end = (which: 'answer' | 'fail', from: 'first' | 'last') => {
    const ready = reads.filter(({ seen }) => which === 'fail' || seen !== null);
    const read = from === 'first' ? ready[0] : ready.at(-1);
    if (!read) return false;
    reads.splice(reads.indexOf(read), 1);
    if (which === 'fail') read.fail(new Error('away'));
    else if (read.seen) read.answer(read.seen);
    return true;
  };
  const repair = () => {
    const missing = [...gaps];
    gaps.clear();
    // Who fails leaves it to the backup poll, which is not part of this world.
    if (missing.length > 0) catchUp(missing).catch(() => missing.map((id) => gaps.add(id)));
    return missing.length > 0;
  };
  const on = (client: number, act: (one: { judged: Client['judged']; reader: Reader }) => void) => {
    const one = clients[client];
    if (one) act(one);
    return true;
  };

  const steps = {
    commit: (job: number, writer: number, what: Commit) => {
      const id = JOBS[job % 2] ?? JOBS[0];
      outboxes[writer % 2 === 0 ? 0 : 1].push(...ledger.commit(id, what));
      return true;
    },
    publish: (writer: number) => publish(writer % 2 === 0 ? 0 : 1),
    /** Everything of this writer comes through, undisturbed. */
    async tell(writer: number) {
      while (steps.publish(writer));
      await settled();
      while (arrive());
    },
    serve,
    arrive,
    /** Everything that was asked of the bus stands. */
    stand() {
      while (serve());
      while (arrive());
    },
    subscribe: (client: number, job: number) =>
      on(client, ({ judged, reader }) => {
        const id = JOBS[job % 2] ?? JOBS[0];
        void session.subscribe(reader, [id], judged.ask(id));
      }),
    unsubscribe: (client: number, job: number) =>
      on(client, ({ reader }) => {
        const payload = { job_ids: [JOBS[job % 2] ?? JOBS[0]] };
        void session.handle(reader, { type: 'unsubscribe', payload });
      }),
    reconnect: (client: number) =>
      on(client, (one) => {
        hub.leave(one.reader);
        one.reader = one.judged.connect();
      }),
    see,
    answer: (from: 'first' | 'last') => end('answer', from),
    /** A read that nothing comes between. */
    look: () => see() && end('answer', 'first'),
    fail: () => end('fail', 'first'),
    tick: (ms: number) => clock.move(ms),
    stall: (client: number) => on(client, ({ judged }) => judged.stall()),
    flush: (client: number) => on(client, ({ judged }) => judged.flush()),
    repair,
    renew: () => ledger.renew(),
    /** The one who watches everything is gone. */
    leave() {
      hub.leave(watcher.reader);
      isWatched = false;
    },
  };
  type Client = (typeof clients)[number];

  return {
    faults,
    async play([name, ...args]: Step) {
      await (steps[name] as (...args: unknown[]) => unknown)(...args);
      await settled();
    },
    /** Lets everything happen that has to, and asks everybody what they know. */
    async rest() {
      for (let rounds = 0, isMoving = true; isMoving; rounds += 1) {
        isMoving = [
          publish(0),
          publish(1),
          serve(),
          arrive(),
          see(),
          end('answer', 'first'),
          repair(),
        ].includes(true);
        clock.move(200);
        await settled();
        if (rounds === ROUNDS_MAX) return complain('there is no rest');
      }
      for (const { judged } of clients) {
        judged.flush();
        judged.atRest();
      }
      if (isWatched) watcher.atRest(JOBS);
    },
  };
}

const ROUNDS_MAX = 1_000;

/** Whatever follows from a step without another has happened. */
const settled = (): Promise<void> => new Promise(setImmediate);
