import type { ConnectionState } from '@progeny/client';
import type { ReactElement } from 'react';
import { useConnection } from '../live/use-live.ts';

const EXPLANATIONS: Readonly<Record<ConnectionState, string>> = {
  live: 'Updates arrive the moment they happen',
  reconnecting: 'The live connection is away; trying again',
  polling: 'The live connection is away; asking every 5 seconds',
};

export function ConnectionBadge(): ReactElement {
  const connection = useConnection();
  return (
    <span
      className="connection"
      role="status"
      data-testid="connection"
      data-state={connection}
      title={EXPLANATIONS[connection]}
    >
      <span className="connection-dot" aria-hidden="true" />
      <span className="connection-word">{connection}</span>
    </span>
  );
}
