import type { ConnectionState } from '@progeny/client';
import { useSyncExternalStore } from 'react';
import { useProgenyClient } from './progeny-provider.tsx';

/** Before there is a browser nothing is connected. The same on every server, whatever its clock says. */
const UNCONNECTED: ConnectionState = { status: 'reconnecting', since: 0 };
const unconnected = (): ConnectionState => UNCONNECTED;

/**
 * How fresh what is shown can be. Renders again when that changes, and for no job. On a server and while hydrating it
 * is `reconnecting`.
 */
export function useConnection(): ConnectionState {
  const client = useProgenyClient();
  return useSyncExternalStore(client.onState, () => client.state, unconnected);
}
