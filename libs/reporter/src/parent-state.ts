import { fitIdempotencyKey, fitKey, fitText } from './fit.ts';
import type { ParentOptions, ParentReporter } from './reporter.ts';
import { MANAGER_LIMITS } from './wire.ts';

/** What is known of a parent here. */
export interface ParentState {
  /** Tells parents of one reporter apart. */
  number: number;
  idempotencyKey: string;
  /** The parent that it is nested in. */
  outer: ParentState | string | undefined;
  /** The body that creates it, the same each time: another body under the same key would be refused. */
  body(outerId: string | undefined): string;
  /** Something was said of it, or its id is asked for. */
  isWanted: boolean;
  id: string | undefined;
  /** Why the manager will never have it. */
  refusal: string | undefined;
  /** How the manager said so when a child was to be added. */
  takesNoMore: { code: string; detail: string } | undefined;
  seal: 'open' | 'wanted' | 'done';
  /** Children that wait to be added, nested parents among them: the seal waits for them. */
  adds: number;
  /** Children of it were given up, and nobody was told yet. A seal now would leave them out for good. */
  hasLostAdds: boolean;
}

/** Cuts what is too long; an idempotency key by a rule that keeps it the same. */
export function createParentState(
  number: number,
  options: ParentOptions,
  stateOf: (parent: ParentReporter) => ParentState | undefined,
): ParentState {
  const { within, sealTimeoutSeconds = MANAGER_LIMITS.sealTimeoutMaxSeconds } = options;
  const outer = typeof within?.parent === 'object' ? stateOf(within.parent) : within?.parent;
  if (within && outer === undefined) throw new TypeError('the outer parent is that of another reporter');
  const key = within && fitKey(within.key);
  return {
    number,
    idempotencyKey: fitIdempotencyKey(options.idempotencyKey),
    outer,
    body: (outerId) =>
      JSON.stringify({
        type: 'custom',
        ...(outerId !== undefined && { parent_id: outerId, key }),
        ...(options.name !== undefined && { name: fitText(options.name, MANAGER_LIMITS.nameMaxChars) }),
        ...(options.childType !== undefined && { child_type: options.childType }),
        ...(options.priority !== undefined && { priority: options.priority }),
        ...(options.failurePolicy !== undefined && { failure_policy: options.failurePolicy }),
        ...(options.deadlineSeconds !== undefined && { deadline_seconds: options.deadlineSeconds }),
        seal_timeout_seconds: sealTimeoutSeconds,
      }),
    isWanted: false,
    id: undefined,
    refusal: undefined,
    takesNoMore: undefined,
    seal: 'open',
    adds: 0,
    hasLostAdds: false,
  };
}
