import type { ServerMessage } from '@progeny/contract';
import type { Reader } from '../../hub/reader.ts';
import { brief, OWNER } from '../events.ts';
import type { Ledger } from './ledger.ts';

/** One that watches everything from the beginning on, and complains of whatever goes back, repeats, or has a gap. */
export function createJudgedWatcher(ledger: Ledger, complain: (fault: string) => void) {
  const views = new Map<string, { version: number; seq: number; ended: boolean; told: string[] }>();
  const take = (message: ServerMessage) => {
    if (!('job_id' in message.payload)) return complain(`watcher: ${message.type} that nobody asked for`);
    const { job_id: id } = message.payload;
    const view = views.get(id) ?? { version: 0, seq: 0, ended: false, told: [] };
    views.set(id, view);
    view.told.push(brief(message));
    const check = (isRight: boolean, fault: string) => {
      if (!isRight) complain(`watcher: ${fault} in ${view.told.join(', ')}`);
    };
    const isChild = ledger.kindOf(id) === 'child';
    if ('version' in message.payload) {
      const { version } = message.payload;
      check(!view.ended || ledger.isCorrection(id, version, view.seq), 'something after the end');
      check(version > view.version, `v${version} after v${view.version}`);
      view.version = version;
    } else if ('seq' in message.payload) {
      const { seq } = message.payload;
      const isStart = message.type === 'JOB_STARTED';
      check(!view.ended || isStart, 'something after the end');
      // Of a job that it has not heard of it takes what comes first; of a child no run before the present one is kept.
      const isFirst = view.seq === 0 || (isChild && isStart);
      check(isFirst ? seq > view.seq : seq === view.seq + 1, `seq ${seq} after ${view.seq}`);
      view.seq = seq;
      view.ended = !isStart;
      const last = ledger.versionAtEnd(id, seq);
      check(isStart || view.version >= last, `the end after v${view.version} of v${last}`);
    }
  };
  const reader: Reader = {
    id: 'watcher',
    identity: { ...OWNER, role: 'operator' },
    send: ({ message }) => void take(message),
    offer: ({ message }) => void take(message),
    mention: ({ message }) => void take(message),
    forget: () => undefined,
    forgetAll: () => undefined,
  };
  return {
    reader,
    /** Everything has been said. */
    atRest(jobIds: readonly string[]) {
      for (const id of jobIds) {
        const { version, seq, told } = views.get(id) ?? { version: 1, seq: 0, told: [] };
        const [newest, last] = [ledger.toldVersionOf(id), ledger.keptSeqOf(id)];
        if (version < newest || seq < last) {
          complain(`watcher: at rest v${version} ${seq} of v${newest} ${last} in ${told.join(', ')}`);
        }
      }
    },
  };
}
