import { type AddOp, nextBatch, type ProgressOp, type StatusOp } from './batch.ts';
import { findChildren } from './find-children.ts';
import type { IdCache } from './id-cache.ts';
import type { Answer, ManagerApi } from './manager-api.ts';
import type { Child, Op, Outbox } from './outbox.ts';
import type { ParentState } from './parent-state.ts';

export interface SenderParts {
  api: ManagerApi;
  outbox: Outbox;
  ids: IdCache;
  /** Those that are wanted and do not stand yet, or wait for their seal. */
  parents(): Iterable<ParentState>;
  onSent(count: number): void;
  onRefused(count: number, why: { code: string; detail: string; key?: string; parent?: ParentState }): void;
  onParent(parent: ParentState): void;
}

/** The manager does not answer now: the same is to be sent again. */
export class AwayError extends Error {}

/** Statuses by which one part of a request fails all of it. */
const MAY_BE_ONE = new Set([400, 413, 422]);

type Refusal = Extract<Answer, { kind: 'refused' }>;

/** One name for each child of each parent. */
export const nameOf = (parent: ParentState, key: string): string => `${parent.number}/${key}`;

const okOrRefused = (answer: Answer): Exclude<Answer, { kind: 'away' }> => {
  if (answer.kind === 'away') throw new AwayError(answer.reason);
  return answer;
};

/**
 * Sends what can be sent now: of each child one kind, so that its order is kept. Rejects with AwayError when the
 * manager is away; what it did not answer still waits.
 */
export async function sendRound(parts: SenderParts): Promise<void> {
  for (const parent of parts.parents()) await createParent(parts, parent);
  const { adds, statuses, progress } = nextBatch(parts.outbox);
  // Different children, so beside each other.
  const sent = await Promise.allSettled([
    ...[...adds].map(([parent, ops]) => addAll(parts, parent, ops)),
    inHalves(parts, statuses, (ops) => sendStatuses(parts, ops)),
    inHalves(parts, progress, (ops) => sendProgress(parts, ops)),
  ]);
  for (const result of sent) if (result.status === 'rejected') throw result.reason;
  for (const parent of parts.parents()) if (parent.seal === 'wanted') await seal(parts, parent);
}

async function createParent(parts: SenderParts, parent: ParentState): Promise<void> {
  if (parent.id !== undefined || parent.refusal !== undefined) return;
  const { outer, idempotencyKey } = parent;
  const isNestedHere = typeof outer === 'object';
  if (isNestedHere) await createParent(parts, outer);
  const outerId = isNestedHere ? outer.id : outer;
  const answer =
    isNestedHere && outerId === undefined
      ? OUTER_REFUSED
      : okOrRefused(
          await parts.api.post('/v1/jobs', parent.body(outerId), { 'idempotency-key': idempotencyKey }),
        );
  if (answer.kind === 'ok') {
    parent.id = (answer.body as { job_id: string }).job_id;
  } else {
    refuseParent(parts, parent, answer);
  }
  if (isNestedHere) outer.adds -= 1;
  parts.onParent(parent);
}

const OUTER_REFUSED: Refusal = {
  kind: 'refused',
  status: 409,
  code: 'outer_refused',
  detail: 'the parent that it is nested in was refused',
};

function refuseParent({ outbox, onRefused }: SenderParts, parent: ParentState, refusal: Refusal): void {
  parent.refusal = `${refusal.code} ${refusal.detail}`.trim();
  let count = 0;
  for (const child of outbox.children) if (child.parent === parent) count += outbox.drop(child);
  onRefused(count, { ...refusal, parent });
}

/** Sealed parents answer for no child, known ones neither: those are looked up. */
async function addAll(parts: SenderParts, parent: ParentState, ops: readonly AddOp[]): Promise<void> {
  await inHalves(parts, ops, async (some) => {
    if (parent.takesNoMore !== undefined) {
      take(parts, some, await findChildren(parts, parent, some), parent.takesNoMore);
      return null;
    }
    const children = some.map(
      ({ child, payload }) => `{"key":${JSON.stringify(child.key)},"payload":${payload}}`,
    );
    const path = `/v1/jobs/${parent.id}/children`;
    const answer = okOrRefused(await parts.api.post(path, `{"children":[${children.join()}]}`));
    if (answer.kind === 'ok') {
      const added = answer.body as { children: { key: string; job_id: string }[] };
      take(parts, some, new Map(added.children.map(({ key, job_id }) => [key, job_id])), {
        code: 'not_added',
        detail: 'the manager left it out',
      });
      return null;
    }
    if (answer.code !== 'job_sealed' && answer.code !== 'job_ended') return answer;
    parent.takesNoMore = { code: answer.code, detail: answer.detail };
    take(parts, some, await findChildren(parts, parent, some), answer);
    return null;
  });
}

/** Notes the ids. What has none is refused, with all that waits for it. */
function take(
  { outbox, ids, onSent, onRefused }: SenderParts,
  ops: readonly AddOp[],
  found: ReadonlyMap<string, string>,
  otherwise: { code: string; detail: string },
): void {
  for (const op of ops) {
    const { child } = op;
    const id = found.get(child.key);
    if (id === undefined) {
      const { code, detail } = otherwise;
      onRefused(outbox.drop(child), { code, detail, key: child.key, parent: child.parent });
      continue;
    }
    child.id = id;
    ids.set(nameOf(child.parent, child.key), id);
    outbox.done(op);
    onSent(1);
  }
}

async function sendStatuses(parts: SenderParts, ops: readonly StatusOp[]): Promise<Refusal | null> {
  const { api, outbox, ids, onSent, onRefused } = parts;
  const reports = ops.map(({ child, json }) => `{"job_id":"${child.id}",${json.slice(1)}`);
  const answer = okOrRefused(await api.post('/v1/jobs/status', `{"reports":[${reports.join()}]}`));
  if (answer.kind === 'refused') return answer;
  const { reports: answers } = answer.body as { reports: ReportAnswer[] };
  /** Of these what follows has to wait as well. */
  const reopened = new Set<Child>();
  for (const [at, op] of ops.entries()) {
    const said = answers[at] ?? { outcome: 'unanswered', status: null, attempt: null };
    const { child } = op;
    if (reopened.has(child)) continue;
    if (isTriedAgain(op, said) && (await reopen(api, child))) {
      reopened.add(child);
      continue;
    }
    outbox.done(op);
    if (NOT_TAKEN.has(said.outcome)) {
      const why = { code: said.outcome, detail: op.json.slice(0, 200) };
      onRefused(1, { ...why, key: child.key, parent: child.parent });
    } else onSent(1);
    // It is not spoken of again, as a rule; if it is, the manager tells its id again.
    if (op.isEnd || said.outcome === 'unknown_job') ids.delete(nameOf(child.parent, child.key));
  }
  return null;
}

interface ReportAnswer {
  outcome: string;
  status: string | null;
  attempt: number | null;
}

const NOT_TAKEN: ReadonlySet<string> = new Set(['illegal_transition', 'unknown_job', 'unanswered']);

/** It had failed for good, and somebody had it tried once more. */
const isTriedAgain = ({ attempt }: StatusOp, { outcome, status, attempt: last }: ReportAnswer): boolean =>
  outcome === 'illegal_transition' && status === 'failed' && attempt > (last ?? attempt);

/** Opens a failed child for another run; false when the manager does not allow it. */
async function reopen(api: ManagerApi, child: Child): Promise<boolean> {
  return okOrRefused(await api.post(`/v1/jobs/${child.id}/retry`, '{}')).kind === 'ok';
}

async function sendProgress(parts: SenderParts, ops: readonly ProgressOp[]): Promise<Refusal | null> {
  const { outbox, onSent } = parts;
  const reports = ops.map(({ child, said }) => ({ job_id: child.id, ...said }));
  const answer = okOrRefused(await parts.api.post('/v1/jobs/progress', JSON.stringify({ reports })));
  if (answer.kind === 'refused') return answer;
  // Whatever became of it: a child that is not running any more, or in a newer try, has no use for it.
  for (const op of ops) outbox.done(op);
  onSent(ops.length);
  return null;
}

async function seal({ api, onSent, onRefused, onParent }: SenderParts, parent: ParentState): Promise<void> {
  if (parent.id === undefined || parent.adds > 0) return;
  const answer = okOrRefused(await api.post(`/v1/jobs/${parent.id}/seal`, '{}'));
  parent.seal = 'done';
  if (answer.kind === 'ok') onSent(1);
  else onRefused(1, { ...answer, parent });
  onParent(parent);
}

/** A request that is refused is sent in halves, until what is refused is one thing; that one is given up. */
async function inHalves<Some extends Op>(
  parts: SenderParts,
  ops: readonly Some[],
  send: (ops: readonly Some[]) => Promise<Refusal | null>,
): Promise<void> {
  if (ops.length === 0) return;
  for (const op of ops) op.isInFlight = true;
  try {
    const refusal = await send(ops);
    if (refusal === null) return;
    if (ops.length > 1 && MAY_BE_ONE.has(refusal.status)) {
      const middle = Math.ceil(ops.length / 2);
      await inHalves(parts, ops.slice(0, middle), send);
      await inHalves(parts, ops.slice(middle), send);
      return;
    }
    for (const op of ops) refuse(parts, op, refusal);
  } finally {
    for (const op of ops) op.isInFlight = false;
  }
}

/** With an `add` goes all that waits for it. */
function refuse({ outbox, onRefused }: SenderParts, op: Op, { code, detail }: Refusal): void {
  const { key, parent } = op.child;
  if (op.kind === 'add') {
    onRefused(outbox.drop(op.child), { code, detail, key, parent });
    return;
  }
  outbox.done(op);
  onRefused(1, { code, detail, key, parent });
}
