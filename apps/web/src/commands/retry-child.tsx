import type { ChildView } from '@progeny/contract';
import { RETRYABLE_ENDS } from '@progeny/core';
import type { ReactElement } from 'react';
import { RetryIcon } from '../ui/icons.tsx';
import { COMMAND_WORDS } from '../words/command-words.ts';
import { labelOf } from '../words/job-words.ts';
import { CommandButton } from './command-button.tsx';
import { RefusalNote } from './refusal-note.tsx';
import { useJobCommand } from './use-job-command.ts';
import { useKeptFocus } from './use-kept-focus.ts';

/** Tries one child again, where that can be done: one with children of its own has commands at its own address. */
export function RetryChild({
  child,
  look = '',
  onRetried,
}: {
  child: ChildView;
  look?: string;
  onRetried: () => void;
}): ReactElement {
  const { pending, refusal, give, dismiss } = useJobCommand(child.job_id);
  const { ref, hold } = useKeptFocus<HTMLDivElement>();
  const retry = async (): Promise<void> => {
    const keepFocus = hold();
    if (!(await give('retry'))) return;
    keepFocus();
    onRetried();
  };
  return (
    <div className="actions" ref={ref} tabIndex={-1}>
      {!child.is_parent && (RETRYABLE_ENDS.includes(child.status) || pending !== null) && (
        <>
          <CommandButton
            {...COMMAND_WORDS.retry}
            label={`${COMMAND_WORDS.retry.name} ${labelOf(child).text}`}
            isBusy={pending !== null}
            icon={<RetryIcon />}
            look={look}
            testId="retry-child"
            onPress={() => void retry()}
          />
          <RefusalNote refusal={refusal} onDismiss={dismiss} />
        </>
      )}
    </div>
  );
}
