import type { StatusReport } from '@progeny/reporter';

/** The first line of a stack: `TypeError: x is not a function`, or with a code, `Error [ERR_X]: …`. */
const FIRST_LINE = /^(?:Uncaught )?([A-Za-z_$][\w$]*)(?: \[([A-Z][A-Z0-9_]*)\])?(?::|\n|$)/;

/** The same for a live error and for what BullMQ has kept of it: its reason and its stack. */
export function jobErrorOf(
  reason: string | undefined,
  stack: string | undefined,
): NonNullable<StatusReport['error']> {
  const [, name, code] = FIRST_LINE.exec(stack ?? '') ?? [];
  return {
    error_code: code ?? (name === undefined || name === 'Error' ? 'job_failed' : name),
    user_message: reason || 'The job failed.',
    technical_detail: stack || reason || '',
  };
}
