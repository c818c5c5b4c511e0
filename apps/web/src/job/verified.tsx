import type { ParentJobProgress } from '@progeny/contract';
import type { ReactElement } from 'react';
import { useNow } from '../live/use-now.ts';
import { verifiedInWords } from '../words/explanation-words.ts';

/** When the counts were last compared with the rows. Its place is kept before the first time; nothing announces it. */
export function Verified({ verified_at: verifiedAt }: Pick<ParentJobProgress, 'verified_at'>): ReactElement {
  const nowMs = useNow(1_000);
  return (
    <p className="verified" data-testid="verified" title={verifiedAt === null ? undefined : EXPLANATION}>
      {verifiedAt !== null && (
        <>
          <time dateTime={verifiedAt}>{verifiedInWords(verifiedAt, nowMs)}</time>
          <span className="visually-hidden">. {EXPLANATION}.</span>
        </>
      )}
    </p>
  );
}

const EXPLANATION = 'Compared with the rows in PostgreSQL';
