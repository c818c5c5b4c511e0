import type { ControlMessage, JobEvent, LifecycleEvent, ServerMessage } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import { type Frame, isProgress, type ProgressEvent } from '../../hub/frame.ts';
import { HeldFrames } from '../../hub/held-frames.ts';
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
  /** That the answer gave: the snapshot holds what happened up to there. */
  snapshotSeq: number;
  /** The snapshot of a child is its progress, and its end if it has ended. */
  mayEnd: boolean;
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
      snapshotSeq: 0,
      mayEnd: false,
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
      // Of a child what happened in runs before the present one is not kept.
      const isKept = isKnown && (recovered || ledger.kindOf(job_id) === 'parent');
      check(recovered === isKept, `recovered ${recovered}`);
      if (!recovered) view.seq = seq;
      view.mode = 'begun';
      view.ended = false;
      view.snapshotSeq = seq;
    }
    epoch = payload.epoch;
  };

  const takeState = (event: ProgressEvent, view: View) => {
    const { version } = event.payload;
    let isCorrection = false;
    if (view.mode === 'begun')
      check(version >= Math.max(view.floor, view.version), `the old snapshot v${version}`);
    else {
      check(view.mode === 'live' && version > view.version, `v${version} after v${view.version}`);
      const { job_id } = event.payload;
      isCorrection = view.ended && ledger.isCorrection(job_id, version, view.seq);
      check(!view.ended || isCorrection, 'something after the end');
    }
    if (event.type === 'JOB_PROGRESS') {
      check(view.mode === 'begun' || (view.seq ?? 0) % 2 === 1, `progress of a child that does not run`);
      view.mayEnd = view.mode === 'begun';
    } else {
      // Without a replay the snapshot of an ended job is all there is.
      const isBehind = view.mode === 'begun' && view.seq === view.snapshotSeq;
      view.ended = isCorrection || (isParentEnded(event.payload.status) && isBehind);
    }
    view.mode = 'live';
    view.version = version;
  };

  const takeLifecycle = (event: LifecycleEvent, view: View) => {
    const { seq, job_id } = event.payload;
    const isStart = event.type === 'JOB_STARTED';
    const isSnapshotEnd = view.mayEnd && !isStart && seq === view.snapshotSeq && seq === view.seq;
    // Of a child the runs before the present one are not kept.
    const isLater = ledger.kindOf(job_id) === 'child' && isStart && seq > (view.seq ?? 0);
    const isNext = seq === (view.seq ?? 0) + 1;
    check(view.mode === 'live' && (isNext || isLater || isSnapshotEnd), `seq ${seq} after ${view.seq}`);
    check(!view.ended || isStart, 'something after the end');
    view.seq = seq;
    view.ended = !isStart;
    view.mayEnd = false;
    const last = ledger.versionAtEnd(job_id, seq);
    check(isStart || view.version >= last, `the end after v${view.version} of v${last}`);
  };

  const takeEvent = (event: JobEvent) => {
    const view = viewOf(event.payload.job_id);
    if (event.type === 'pipeline_event') check(false, 'a step that nobody told');
    else if (isProgress(event)) takeState(event, view);
    else takeLifecycle(event, view);
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
      for (const one of held.take(frame.jobId)) take(one.message);
      take(frame.message);
    },
    offer(frame: Frame) {
      if (isStalled) held.hold(frame);
      else take(frame.message);
    },
    mention: (frame: Frame) => take(frame.message),
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
        const [newest, last] = [ledger.toldVersionOf(id), ledger.keptSeqOf(id)];
        check(version >= newest && (seq ?? 0) >= last, `at rest v${version} ${seq} of v${newest} ${last}`);
      }
    },
  };
}
