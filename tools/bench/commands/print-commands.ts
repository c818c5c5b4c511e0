import type { CancelTimes, CommandsResult } from './measure-commands.ts';

const number = (value: number) => value.toLocaleString('en');

export const cancelText = (name: string, times: CancelTimes): string =>
  `  ${name}: answered after ${number(times.answerMs)} ms, nothing runs after ${number(times.nothingRunsMs)} ms,` +
  ` ended after ${number(times.endedMs)} ms (${number(times.childrenPerSecond)} children/s)`;

export function commandsText({
  children,
  running,
  cancel,
  abandoned,
  beside,
  retry,
  remove,
}: CommandsResult): string {
  const { alone, whileCancelling, foldLagP99Seconds } = beside;
  return [
    `commands to one parent of ${number(children)} children, ${number(running)} of them running`,
    cancelText('cancel', cancel),
    cancelText('cancel whose manager is killed', abandoned),
    `  a job of one child beside it: p50 ${number(whileCancelling.p50Ms)} ms, at most ${number(whileCancelling.maxMs)} ms` +
      ` (${whileCancelling.jobs} jobs); alone p50 ${number(alone.p50Ms)} ms, at most ${number(alone.maxMs)} ms;` +
      ` fold lag p99 at most ${foldLagP99Seconds ?? '-'} s`,
    `  retry of ${number(retry.children)} that failed: answered after ${number(retry.answerMs)} ms, all pending after ${number(retry.allPendingMs)} ms`,
    `  delete: answered after ${number(remove.answerMs)} ms, no row is left after ${number(remove.goneMs)} ms (${number(remove.childrenPerSecond)} children/s)`,
  ].join('\n');
}
