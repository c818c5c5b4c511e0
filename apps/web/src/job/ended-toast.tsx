import type { ParentJobProgress, ParentView } from '@progeny/contract';
import { type ReactElement, useState } from 'react';
import { AlertIcon, CheckIcon, CloseIcon } from '../ui/icons.tsx';
import { formatTook } from '../words/duration.ts';
import { nounOf } from '../words/job-words.ts';
import { endingInWords } from '../words/progress-words.ts';
import { useEnding } from './use-ending.ts';

/** Tells that the job has just ended, and how. */
export function EndedToast({
  job,
  progress,
}: {
  job: ParentView;
  progress: ParentJobProgress;
}): ReactElement | null {
  const ending = useEnding(progress);
  const [dismissedVersion, setDismissedVersion] = useState(0);
  if (!ending || dismissedVersion === progress.version) return null;
  const took =
    job.started_at && job.finished_at ? Date.parse(job.finished_at) - Date.parse(job.started_at) : null;
  return (
    <div className="ended" data-status={progress.status} role="status">
      {progress.status === 'completed' ? <CheckIcon /> : <AlertIcon />}
      <p>
        <strong>{endingInWords(progress, nounOf(job.type))}</strong>
        {took !== null && <span> in {formatTook(took)}</span>}
        {ending.error && <span> {ending.error.user_message}</span>}
      </p>
      <button
        type="button"
        className="icon-button"
        aria-label="Dismiss"
        onClick={() => setDismissedVersion(progress.version)}
      >
        <CloseIcon />
      </button>
    </div>
  );
}
