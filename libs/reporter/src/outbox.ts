import type { ParentState } from './parent-state.ts';
import { MANAGER_LIMITS, type PipelineStep } from './wire.ts';

/** One thing that was said of a child and has not been taken yet. */
export type Op = { child: Child; isInFlight: boolean } & (
  | { kind: 'add'; payload: string }
  | { kind: 'status'; json: string; attempt: number; isEnd: boolean }
  | { kind: 'progress'; said: SaidProgress }
);

export interface SaidProgress {
  attempt?: number;
  progress?: number;
  stage?: string;
  label?: string;
  events: PipelineStep[];
}

/** A child of which something waits, oldest first. Without an id the first is its `add`. */
export interface Child {
  parent: ParentState;
  key: string;
  id: string | undefined;
  ops: Op[];
}

export interface Outbox {
  /** Children of which something waits, in the order in which they came. */
  readonly children: Iterable<Child>;
  readonly size: number;
  childOf(parent: ParentState, key: string): Child | undefined;
  /** Whether anything of that parent's children waits. */
  isBusy(parent: ParentState): boolean;
  push(op: Op): void;
  /** Gives up what is too much. Called when a thing said is in whole: an `add` and what it was added for. */
  trim(): void;
  /** Progress that still waits behind everything else of its child takes in the newer. */
  mergeProgress(child: Child, said: SaidProgress): boolean;
  /** Takes the first away: it was answered. */
  done(op: Op): void;
  /** Takes all of a child away; returns how many. */
  drop(child: Child): number;
}

/** What is kept of the text of statuses and payloads, all together. */
export const TEXT_KEPT_CHARS = 64 * 1024 * 1024;

/**
 * Bounded by `maxOps` and TEXT_KEPT_CHARS. Beyond, the oldest progress is given up, then the oldest of the rest; with
 * an `add` all that waits for it. What is in flight stays.
 */
export function createOutbox({ maxOps, onLost }: { maxOps: number; onLost: (op: Op) => void }): Outbox {
  const children = new Set<Child>();
  const byName = new Map<ParentState, Map<string, Child>>();
  const progress = new Set<Op>();
  const others = new Set<Op>();
  let chars = 0;

  const forget = (op: Op) => {
    (op.kind === 'progress' ? progress : others).delete(op);
    chars -= charsOf(op);
    if (op.kind === 'add') op.child.parent.adds -= 1;
  };
  const leaveIfIdle = (child: Child) => {
    if (child.ops.length > 0) return;
    children.delete(child);
    const siblings = byName.get(child.parent);
    siblings?.delete(child.key);
    if (siblings?.size === 0) byName.delete(child.parent);
  };
  const removeWhere = (child: Child, isMeant: (op: Op) => boolean): Op[] => {
    const removed = child.ops.filter(isMeant);
    child.ops = child.ops.filter((op) => !isMeant(op));
    for (const op of removed) forget(op);
    leaveIfIdle(child);
    return removed;
  };
  const size = () => progress.size + others.size;

  return {
    children,
    get size() {
      return size();
    },
    isBusy: (parent) => byName.has(parent),
    childOf: (parent, key) => byName.get(parent)?.get(key),
    push(op) {
      const { child } = op;
      child.ops.push(op);
      (op.kind === 'progress' ? progress : others).add(op);
      chars += charsOf(op);
      if (op.kind === 'add') child.parent.adds += 1;
      children.add(child);
      const siblings = byName.get(child.parent) ?? new Map<string, Child>();
      byName.set(child.parent, siblings.set(child.key, child));
    },
    trim() {
      while (size() > maxOps || chars > TEXT_KEPT_CHARS) {
        const oldest = firstIdle(progress) ?? firstIdle(others);
        if (!oldest) return;
        const isMeant = (op: Op) => op === oldest || oldest.kind === 'add';
        for (const op of removeWhere(oldest.child, isMeant)) onLost(op);
      }
    },
    mergeProgress(child, said) {
      const last = child.ops.at(-1);
      if (last?.kind !== 'progress' || last.isInFlight) return false;
      last.said = {
        ...last.said,
        ...said,
        events: [...last.said.events, ...said.events].slice(-MANAGER_LIMITS.stepsMax),
      };
      return true;
    },
    done: (op) => void removeWhere(op.child, (other) => other === op),
    drop: (child) => removeWhere(child, () => true).length,
  };
}

const charsOf = (op: Op): number =>
  op.kind === 'status' ? op.json.length : op.kind === 'add' ? op.payload.length : 0;

function firstIdle(ops: Set<Op>): Op | undefined {
  for (const op of ops) if (!op.isInFlight) return op;
  return undefined;
}
