import type { ConnectionState } from '@progeny/client';
import { useConnection } from '@progeny/react';
import type { ReactElement } from 'react';
import { connectionInWords, LONGEST_CONNECTION_WORDS } from '../words/connection-words.ts';

export const ConnectionBadge = (): ReactElement => <ConnectionBadgeOf state={useConnection()} />;

/** Keeps the place of its longest words, so that nothing beside it moves; a change is spoken when it is quiet. */
export function ConnectionBadgeOf({ state }: { state: ConnectionState }): ReactElement {
  const { words, meaning } = connectionInWords(state);
  return (
    <span className="connection" data-testid="connection" data-state={state.status} title={meaning}>
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
