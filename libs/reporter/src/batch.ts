import type { Child, Op, Outbox } from './outbox.ts';
import type { ParentState } from './parent-state.ts';

export type AddOp = Extract<Op, { kind: 'add' }>;
export type StatusOp = Extract<Op, { kind: 'status' }>;
export type ProgressOp = Extract<Op, { kind: 'progress' }>;

/** What can be sent now, of each child what was said first. */
export interface Batch {
  adds: Map<ParentState, AddOp[]>;
  statuses: StatusOp[];
  progress: ProgressOp[];
}

/** In one request; the manager takes more, but a smaller one is sooner answered and cheaper to say again. */
export const OPS_PER_REQUEST = 500;
/** Of JSON in one request, well below what the manager reads. */
const REQUEST_MAX_CHARS = 1_000_000;

/** At most one request of each kind; adds at most one for each parent that stands. */
export function nextBatch(outbox: Outbox): Batch {
  const batch: Batch = { adds: new Map(), statuses: [], progress: [] };
  const chars = new Map<ParentState | 'status', number>();
  const hasRoom = (lane: ParentState | 'status', taken: number, length: number): boolean => {
    const sum = (chars.get(lane) ?? 0) + length;
    if (taken >= OPS_PER_REQUEST || (taken > 0 && sum > REQUEST_MAX_CHARS)) return false;
    chars.set(lane, sum);
    return true;
  };
  const take = (child: Child) => {
    const { parent, ops } = child;
    const [first] = ops;
    switch (first?.kind) {
      case 'add': {
        if (parent.id === undefined) return;
        const adds = batch.adds.get(parent) ?? [];
        if (!hasRoom(parent, adds.length, first.payload.length)) return;
        batch.adds.set(parent, adds);
        adds.push(first);
        return;
      }
      case 'status':
        // The manager takes several of one child in the order given.
        for (const op of ops) {
          if (op.kind !== 'status' || !hasRoom('status', batch.statuses.length, op.json.length)) return;
          batch.statuses.push(op);
        }
        return;
      case 'progress':
        if (batch.progress.length < OPS_PER_REQUEST) batch.progress.push(first);
        return;
      case undefined:
    }
  };
  for (const child of outbox.children) {
    take(child);
    if (batch.statuses.length >= OPS_PER_REQUEST && batch.progress.length >= OPS_PER_REQUEST) break;
  }
  return batch;
}
