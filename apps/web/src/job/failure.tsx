import type { JobError } from '@progeny/contract';
import type { ReactElement } from 'react';
import { AlertIcon } from '../ui/icons.tsx';

/** Why a job has failed, or its try before: in a sentence, with its code, and the detail for who asks. */
export function Failure({ error, isPast = false }: { error: JobError; isPast?: boolean }): ReactElement {
  const hasDetail = error.technical_detail !== '';
  const words = (
    <>
      <AlertIcon />
      <span>
        {isPast && 'The try before: '}
        {error.user_message} <code>{error.error_code}</code>
        {hasDetail && <span className="failure-more">Details</span>}
      </span>
    </>
  );
  if (!hasDetail) {
    return (
      <p className="failure" data-past={isPast || undefined} data-testid="failure">
        {words}
      </p>
    );
  }
  return (
    <details className="failure" data-past={isPast || undefined} data-testid="failure">
      <summary>{words}</summary>
      <p className="failure-detail">{error.technical_detail}</p>
    </details>
  );
}
