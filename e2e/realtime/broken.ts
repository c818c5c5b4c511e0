import type { Mutation } from '../faults/stack/mutation.ts';
import { WITHOUT_CREDIT } from './proofs/paused.ts';
import type { ProofName } from './proofs/proofs.ts';

/** A gateway with one thing wrong, and the proof that has to see it. */
export interface BrokenGateway extends Mutation {
  name: string;
  seenBy: ProofName;
}

export const BROKEN_GATEWAYS: readonly BrokenGateway[] = [
  {
    name: 'nothing is replayed',
    file: 'apps/ws-gateway/src/session/session.ts',
    find: 'missed.map((event) => new Frame(event))',
    replace: '[]',
    seenBy: 'kills',
  },
  {
    name: 'everything is replayed, known or not',
    file: 'apps/ws-gateway/src/session/session.ts',
    find: 'payload.seq > afterSeq);',
    replace: 'payload.seq > 0);\n  if (missed.length > 0) return missed;',
    seenBy: 'cuts',
  },
  {
    name: 'nobody looks for what was not told',
    file: 'apps/ws-gateway/src/poll/backup-poll.ts',
    find: '.silentSince(sinceMs, { ended: everything })',
    replace: '.silentSince(Number.NEGATIVE_INFINITY, { ended: false })',
    seenBy: 'bus-outage',
  },
  {
    name: 'who cannot be served now is sent away for good',
    file: 'libs/contract/src/realtime.ts',
    find: "retryable: true,\n    message: 'the database",
    replace: "retryable: false,\n    message: 'the database",
    seenBy: 'ledger-outage',
  },
  {
    name: 'all have to leave at once',
    file: 'apps/ws-gateway/src/transport/ws-adapter.ts',
    find: 'Math.floor(Math.random() * drainMs)',
    replace: '0',
    seenBy: 'restart',
  },
  {
    name: 'subscriptions on the bus are kept for ever',
    file: 'apps/ws-gateway/src/hub/named-watches.ts',
    find: 'audience.release();',
    replace: '',
    seenBy: 'interest',
  },
  { name: 'credit has no end', ...WITHOUT_CREDIT, seenBy: 'stalled' },
];
