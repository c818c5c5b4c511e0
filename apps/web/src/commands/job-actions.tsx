import type { ParentJobProgress, ParentView } from '@progeny/contract';
import { type ReactElement, useState } from 'react';
import { useLocation } from 'wouter';
import { PauseIcon, PlayIcon, RetryIcon } from '../ui/icons.tsx';
import {
  COMMAND_WORDS,
  canRetryFailed,
  endOf,
  holdOf,
  isStillDoing,
  type ParentCommand,
  questionOf,
} from '../words/command-words.ts';
import { CommandButton } from './command-button.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { RefusalNote } from './refusal-note.tsx';
import { useJobCommand } from './use-job-command.ts';
import { useKeptFocus } from './use-kept-focus.ts';

/** What may be ordered of a parent, by what its status allows. Each button works until its effect shows. */
export function JobActions({
  job,
  progress,
}: {
  job: ParentView;
  progress: ParentJobProgress;
}): ReactElement {
  const [, navigate] = useLocation();
  const { pending, refusal, give: send, dismiss } = useJobCommand(job.job_id);
  const [given, setGiven] = useState<ParentCommand | null>(null);
  const [asked, setAsked] = useState<'cancel' | 'delete' | null>(null);
  const { ref, hold: holdFocus } = useKeptFocus<HTMLFieldSetElement>();
  const hold = holdOf(progress);
  const end = endOf(progress);
  const isUnderWay =
    given !== null && (pending !== null || (refusal === null && isStillDoing(given, progress)));
  // Once its effect has shown it is done with: after a retry the same status means something else.
  if (given !== null && !isUnderWay) setGiven(null);
  const busy = isUnderWay ? given : null;

  const give = async (command: ParentCommand): Promise<void> => {
    if (pending !== null) return;
    setGiven(command);
    const keepFocus = holdFocus();
    const isTaken = await send(command);
    if (!isTaken) return;
    if (command === 'delete') navigate('/', { replace: true });
    // The button goes with the last failed child.
    if (command === 'retry_failed') keepFocus();
    setAsked(null);
  };
  const button = (command: ParentCommand) => ({
    ...COMMAND_WORDS[command],
    isBusy: busy === command,
    testId: `${command.replace('_', '-')}-job`,
  });
  // One that has ended meanwhile was asked about something else.
  if (asked !== null && asked !== end) setAsked(null);

  return (
    <fieldset className="actions" ref={ref} tabIndex={-1}>
      <legend className="visually-hidden">Commands</legend>
      {canRetryFailed(progress) && busy !== 'cancel' && (
        <CommandButton
          key="retry"
          {...button('retry_failed')}
          icon={<RetryIcon />}
          look="command-more"
          onPress={() => void give('retry_failed')}
        />
      )}
      {hold !== null && busy !== 'cancel' && (
        <CommandButton
          key="hold"
          {...button(busy === 'pause' || busy === 'resume' ? busy : hold)}
          icon={hold === 'pause' ? <PauseIcon /> : <PlayIcon />}
          look="command-hold"
          onPress={() => void give(hold)}
        />
      )}
      {end !== null && (
        <CommandButton
          key="end"
          {...button(end)}
          look="button-danger"
          onPress={() => {
            dismiss();
            setAsked(end);
          }}
        />
      )}
      <RefusalNote refusal={asked === null ? refusal : null} onDismiss={dismiss} />
      {asked !== null && (
        <ConfirmDialog
          question={questionOf(asked, progress, job.type)}
          doing={COMMAND_WORDS[asked].doing}
          isBusy={pending !== null}
          refusal={refusal}
          testId={`confirm-${asked}`}
          onConfirm={() => void give(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </fieldset>
  );
}
