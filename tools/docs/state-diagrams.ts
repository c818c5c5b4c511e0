import {
  CHILD_STATUSES,
  type ChildStatus,
  PARENT_STATUSES,
  type ParentStatus,
  STOP_REASONS,
} from '@progeny/contract';
import {
  CHILD_TRANSITIONS,
  childStatusOf,
  isEnded,
  isParentEnded,
  nextParentStatus,
  type ParentFacts,
  RETRYABLE_ENDS,
  zeroCounts,
} from '@progeny/core';
import { code, table } from './markdown-table.ts';

/** `from to`. */
type Edge<Status extends string> = `${Status} ${Status}`;
type Labels<Status extends string> = Partial<Record<Edge<Status>, string>>;

const CHILD_LABELS: Labels<ChildStatus> = {
  'pending running': 'claimed, or reported from outside',
  'pending completed': 'reported',
  'pending failed': 'reported',
  'pending cancelled': 'cancel of the parent, or reported',
  'pending skipped': 'kept out by policy',
  'running pending': 'a failure that may pass, or a lease ran out',
  'running completed': 'reported',
  'running failed': 'reported, or no try is left',
  'running cancelled': 'cancel of the parent, or reported',
  'running skipped': 'kept out by policy',
  'failed pending': 'retry, a new run',
  'cancelled pending': 'retry, a new run',
};

const PARENT_LABELS: Labels<ParentStatus> = {
  'pending running': 'a child is no longer pending',
  'pending paused': 'pause',
  'pending completed': 'sealed without children, or all ended at once',
  'pending failed': 'the same, and none succeeded; its deadline; no seal in time',
  'pending cancelled': 'cancel, and no child is open',
  'running paused': 'pause',
  'running completed': 'sealed, and no child is open',
  'running failed': 'the same, and none succeeded; its policy; its deadline; no seal in time',
  'running cancelled': 'cancel, and no child is open',
  'paused running': 'resume, or stopped and children are still open',
  'paused completed': 'the last that ran has ended',
  'paused failed': 'the same, and none succeeded; its policy; its deadline; no seal in time',
  'paused cancelled': 'cancel, and no child is open',
  'completed running': 'retry',
  'failed running': 'retry',
  'cancelled running': 'retry',
  'completed paused': 'retry, and pause before that shows',
  'failed paused': 'retry, and pause before that shows',
  'cancelled paused': 'retry, and pause before that shows',
};

/** Every step that a child can take by the rules of the core. */
export const childEdges = (): Edge<ChildStatus>[] =>
  CHILD_STATUSES.flatMap((from) => {
    const to = RETRYABLE_ENDS.includes(from) ? (['pending'] as const) : CHILD_TRANSITIONS[from];
    return to.map((status): Edge<ChildStatus> => `${from} ${status}`);
  });

const BOTH = [false, true];
const FEW = [0, 1];

/** All facts that a parent may be decided on, none or one child in each bucket. */
function* allFacts(): Generator<ParentFacts> {
  for (const pending of FEW)
    for (const running of FEW)
      for (const completed of FEW)
        for (const failed of FEW)
          for (const cancelled of FEW)
            for (const skipped of FEW)
              for (const stopped of [null, ...STOP_REASONS])
                for (const paused of BOTH)
                  for (const retrying of BOTH)
                    for (const sealExpired of BOTH)
                      for (const sealed of stopped || sealExpired ? [true] : BOTH) {
                        const counts = {
                          ...zeroCounts,
                          pending,
                          running,
                          completed,
                          failed,
                          cancelled,
                          skipped,
                        };
                        for (const reopened of BOTH) {
                          yield { counts, sealed, stopped, paused, retrying, reopened, sealExpired };
                        }
                      }
}

/**
 * Every step that a parent takes on some facts. From end to end leads a retry whose children have all ended again
 * before anybody looked, which is two steps at once.
 */
export function parentEdges(): Edge<ParentStatus>[] {
  const facts = [...allFacts()];
  return PARENT_STATUSES.flatMap((from) => {
    const reached = new Set(facts.map((one) => nextParentStatus(from, one)));
    reached.delete(from);
    return PARENT_STATUSES.filter((to) => reached.has(to) && !(isParentEnded(from) && isParentEnded(to))).map(
      (to): Edge<ParentStatus> => `${from} ${to}`,
    );
  });
}

function diagram(
  edges: readonly string[],
  labels: Readonly<Record<string, string>>,
  { ends }: { ends: readonly string[] },
): string {
  const unknown = Object.keys(labels).filter((edge) => !edges.some((other) => other === edge));
  if (unknown.length > 0) throw new Error(`no rule leads ${unknown.join(' or ')}`);
  const lines = edges.map((edge) => {
    const label = labels[edge];
    if (label === undefined) throw new Error(`say in a few words what leads ${edge}`);
    return `  ${edge.replace(' ', ' --> ')} : ${label}`;
  });
  return [
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> pending : created',
    ...lines,
    ...ends.map((end) => `  ${end} --> [*]`),
    '```',
  ].join('\n');
}

export const childStates = (): string =>
  diagram(childEdges(), CHILD_LABELS, { ends: CHILD_STATUSES.filter(isEnded) });

export const parentStates = (): string =>
  diagram(parentEdges(), PARENT_LABELS, { ends: PARENT_STATUSES.filter(isParentEnded) });

/** As what a nested parent counts. */
export const nestedBuckets = (): string =>
  table(
    ['a nested parent that is', 'counts in the one around it as'],
    PARENT_STATUSES.map((status) => [code(status), code(childStatusOf(status))]),
  );
