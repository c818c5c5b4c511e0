import type { ProblemCode } from '@progeny/contract';
import type { Log } from '@progeny/kit';
import type { Hub } from '../hub/hub.ts';
import type { Reader } from '../hub/reader.ts';
import { sendControl } from '../session/control.ts';
import type { Session } from '../session/session.ts';
import type { Door, Visitor } from './door.ts';

/** What every transport serves its readers with. */
export interface Serving {
  hub: Hub;
  session: Session;
  door: Door;
  log: Log;
  heartbeatMs: number;
  pollMs: number;
  now: () => number;
  /** A frame was left out, since a newer one took its place. */
  onConflated: () => void;
  /** Why nobody more is let in; null while somebody is. */
  closedTo: () => ProblemCode | null;
  onRefused: (code: ProblemCode) => void;
}

/** From now on it gets everything that it may see. */
export function welcome(
  reader: Reader,
  { expiresAtMs }: Visitor,
  { hub, heartbeatMs, pollMs }: Serving,
): void {
  const { tenantId, userId, role } = reader.identity;
  hub.join(reader);
  sendControl(reader, 'welcome', {
    connection_id: reader.id,
    identity: { tenant_id: tenantId, user_id: userId, role },
    expires_at: toTimestamp(expiresAtMs),
    heartbeat_ms: heartbeatMs,
    poll_ms: pollMs,
  });
}

export const toTimestamp = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();
