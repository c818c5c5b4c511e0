import type { ConnectionState, ProgenyClient } from '@progeny/client';
import { ProgenyProvider, useConnection, useJobProgress, useJobs } from '@progeny/react';
import { memo, type ReactElement } from 'react';

/** A board of all jobs: `<JobBoard client={connect({ url: 'ws://127.0.0.1:4001/ws' })} />`. */
export function JobBoard({ client }: { client: ProgenyClient }): ReactElement {
  return (
    <ProgenyProvider client={client}>
      <Connection />
      <Jobs />
    </ProgenyProvider>
  );
}

function Connection(): ReactElement {
  const state: ConnectionState = useConnection();
  return <p role="status">{state.status}</p>;
}

/** Renders when a job comes, goes or changes its status. */
function Jobs(): ReactElement {
  return (
    <ul>
      {useJobs().map(({ job_id }) => (
        <Job key={job_id} jobId={job_id} />
      ))}
    </ul>
  );
}

/** Renders when its own numbers change. */
const Job = memo(function Job({ jobId }: { jobId: string }): ReactElement {
  const progress = useJobProgress(jobId);
  return (
    <li>
      {progress
        ? `${progress.progress_percentage}%: ${progress.progress_text}`
        : 'Waiting for the first numbers'}
    </li>
  );
});
