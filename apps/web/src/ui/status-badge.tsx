import type { JobStatus } from '@progeny/contract';
import type { ReactElement } from 'react';

/** A status as a coloured word. `data-status` is for those who test. */
export function StatusBadge({ status, testId }: { status: JobStatus; testId?: string }): ReactElement {
  return (
    <span className="badge" data-status={status} data-testid={testId}>
      <span className="badge-dot" aria-hidden="true" />
      <span className="badge-word">{status}</span>
    </span>
  );
}
