import { useCommand, useJobLog, useJobSteps } from '@progeny/react';
import type { ReactElement } from 'react';

/** What happens in one job, and a button that stops it. Stands within a `<ProgenyProvider>`. */
export function JobTimeline({ jobId }: { jobId: string }): ReactElement {
  const { steps } = useJobSteps(jobId);
  const { lines } = useJobLog(jobId);
  const { run, pending, error } = useCommand(jobId);
  return (
    <section>
      <button type="button" disabled={pending !== null} onClick={() => void run('cancel')}>
        Cancel
      </button>
      {error && <p role="alert">{error.message}</p>}
      <ol>
        {steps.map(({ number, step }) => (
          <li key={number}>{step.event}</li>
        ))}
      </ol>
      <pre>{lines.map(({ line }) => line).join('\n')}</pre>
    </section>
  );
}
