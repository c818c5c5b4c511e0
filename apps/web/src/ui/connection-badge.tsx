import { useConnection } from '@progeny/react';
import type { ReactElement } from 'react';
import { useAccess } from '../app-context.ts';
import {
  type ConnectionWords,
  connectionInWords,
  LONGEST_CONNECTION_WORDS,
  SIGNED_OUT_WORDS,
} from '../words/connection-words.ts';

/** Whether what is shown is live, and if not, what it is. */
export function ConnectionBadge(): ReactElement {
  const state = useConnection();
  const isSignedOut = useAccess() === 'signed_out';
  return isSignedOut ? (
    <Badge look="signed-out" {...SIGNED_OUT_WORDS} />
  ) : (
    <Badge look={state.status} {...connectionInWords(state)} />
  );
}

/** Keeps the place of its longest words, so that nothing beside it moves; a change is spoken when it is quiet. */
export function Badge({ look, words, meaning }: ConnectionWords & { look: string }): ReactElement {
  return (
    <span className="connection" data-testid="connection" data-state={look} title={meaning}>
      <span className="connection-sizer" aria-hidden="true">
        {LONGEST_CONNECTION_WORDS}
      </span>
      <span className="connection-now">
        <span className="connection-dot" aria-hidden="true" />
        <span role="status">
          {words}
          <span className="visually-hidden">. {meaning}</span>
        </span>
      </span>
    </span>
  );
}
