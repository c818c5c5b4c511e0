import type { ControlMessage, JobEvent, ServerMessage } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import type { Frame } from '../../hub/frame.ts';
import { HeldFrames, jobOf } from '../../hub/held-frames.ts';
import type { Reader } from '../../hub/reader.ts';
import { brief, OWNER } from '../events.ts';
import type { Ledger } from './ledger.ts';

/** What a client knows of one job, over all its connections. */
interface View {
  version: number;
  seq: number | null;
  ended: boolean;
  /** `asked`: nothing may come but the answer; `begun`: that has come, and the snapshot has not. */
  mode: 'none' | 'asked' | 'begun' | 'live';
  /** The ledger's version when the client asked: a snapshot is not older. */
  floor: number;
  asked: { epoch: string | undefined; seq: number | null };
}

/** A client that may stop reading for a while, and complains of whatever it should not have been told, or not yet. */
export function createJudgedReader(name: string, ledger: Ledger, complain: (fault: string) => void) {
  const views = new Map<string, View>();
  const held = new HeldFrames();
  let isStalled = false;
  let epoch: string | undefined;
  /** Everything on this connection so far, for the complaint. */
  let told: string[] = [];

  const viewOf = (id: string): View => {
    const fresh: View = {
      version: 0,
      seq: null,
      ended: false,
      mode: 'none',
      floor: 0,
      asked: { epoch: undefined, seq: null },
    };
    const view = views.get(id) ?? fresh;
    views.set(id, view);
    return view;
  };
  const check = (isRight: boolean, fault: string) => {
    if (!isRight) complain(`${name}: ${fault} in ${told.join(', ')}`);
  };

  const takeAnswer = ({ payload }: Extract<ControlMessage, { type: 'subscribed' }>) => {
    for (const { job_id, recovered, seq } of payload.jobs) {
      const view = viewOf(job_id);
      check(view.mode === 'asked', 'an answer that nobody asked for');
      const isKnown = view.asked.seq !== null && view.asked.epoch === payload.epoch;
      check(recovered === isKnown, `recovered ${recovered}`);
      if (!recovered) view.seq = seq;
      view.mode = 'begun';
      view.ended = false;
    }
    epoch = payload.epoch;
  };

  const takeEvent = (event: JobEvent) => {
    const view = viewOf(event.payload.job_id);
    check(!view.ended, 'something after the end');
    if (event.type === 'parent_job_progress') {
      const { version, status } = event.payload;
      if (view.mode === 'begun')
        check(version >= Math.max(view.floor, view.version), `the old snapshot v${version}`);
      else check(view.mode === 'live' && version > view.version, `v${version} after v${view.version}`);
      view.mode = 'live';
      view.version = version;
      // Without a replay the snapshot of an ended job is all there is.
      view.ended = isParentEnded(status) && view.seq === ledger.seqOf(event.payload.job_id);
    } else if (event.type !== 'JOB_PROGRESS') {
      const { seq, job_id } = event.payload;
      check(view.mode === 'live' && seq === (view.seq ?? 0) + 1, `seq ${seq} after ${view.seq}`);
      view.seq = seq;
      view.ended = event.type !== 'JOB_STARTED';
      check(!view.ended || view.version === ledger.versionOf(job_id), `the end after v${view.version}`);
    }
  };

  const take = (message: ServerMessage) => {
    told.push(brief(message));
    switch (message.type) {
      case 'subscribed':
        return takeAnswer(message);
      case 'unsubscribed':
      case 'refused':
        for (const id of message.payload.job_ids) viewOf(id).mode = 'none';
        return;
      case 'welcome':
      case 'authenticated':
      case 'pong':
      case 'reconnect':
        return check(false, `${message.type} that nobody asked for`);
      default:
        return takeEvent(message);
    }
  };

  const reader = (id: string): Reader => ({
    id,
    identity: { ...OWNER, role: 'operator' },
    send(frame: Frame) {
      for (const one of held.take(jobOf(frame))) take(one.message);
      take(frame.message);
    },
    offer(frame: Frame) {
      if (isStalled) held.hold(frame);
      else take(frame.message);
    },
    forget: (jobId) => void held.take(jobId),
    forgetAll: () => void held.takeAll(),
  });

  return {
    /** A new connection; what the last one held is lost. */
    connect(): Reader {
      held.takeAll();
      told = [];
      isStalled = false;
      for (const view of views.values()) view.mode = 'none';
      return reader(name);
    },
    /** What it asks with: where it stands with this job. */
    ask(id: string) {
      const view = viewOf(id);
      view.mode = 'asked';
      view.floor = ledger.versionOf(id);
      view.asked = { epoch, seq: view.seq };
      told.push('ask');
      return {
        ...(epoch !== undefined && { epoch }),
        ...(view.seq !== null && { after_seq: { [id]: view.seq } }),
      };
    },
    stall() {
      isStalled = true;
    },
    flush() {
      isStalled = false;
      for (const { message } of held.takeAll()) take(message);
    },
    /** Everything has been said: whatever it watches, it knows. */
    atRest() {
      for (const [id, { mode, version, seq }] of views) {
        if (mode === 'none') continue;
        check(mode === 'live', `${mode} at rest`);
        const [newest, last] = [ledger.versionOf(id), ledger.seqOf(id)];
        check(version === newest && seq === last, `at rest v${version} ${seq} of v${newest} ${last}`);
      }
    },
  };
}
