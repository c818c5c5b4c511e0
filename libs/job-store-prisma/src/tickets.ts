import { EXPIRED_TICKETS_PER_SAVE, type NewTicket, type TicketIdentity } from '@progeny/job-store';
import type { Query } from './database.ts';

export async function saveTicket(query: Query, { ticketHash, identity, ttlMs }: NewTicket): Promise<void> {
  const { tenantId, userId, role, expiresAtMs } = identity;
  // SKIP LOCKED: whoever saves at the same time removes others.
  await query(
    `WITH expired AS (
       SELECT hash FROM ticket WHERE expires_at <= now() ORDER BY expires_at LIMIT $7 FOR UPDATE SKIP LOCKED
     ), removed AS (
       DELETE FROM ticket t USING expired WHERE t.hash = expired.hash
     )
     INSERT INTO ticket (hash, tenant_id, user_id, role, identity_ends_ms, expires_at)
     VALUES ($1, $2, $3, $4::ticket_role, $5, now() + $6 * interval '1 millisecond')
     ON CONFLICT (hash) DO NOTHING`,
    [ticketHash, tenantId, userId, role, expiresAtMs, ttlMs, EXPIRED_TICKETS_PER_SAVE],
  );
}

export async function takeTicket(query: Query, ticketHash: string): Promise<TicketIdentity | null> {
  // The row's deletion decides who has it.
  const [taken] = await query<TicketIdentity & { inTime: boolean }>(
    `DELETE FROM ticket WHERE hash = $1
     RETURNING tenant_id AS "tenantId", user_id AS "userId", role, identity_ends_ms AS "expiresAtMs",
               expires_at > now() AS "inTime"`,
    [ticketHash],
  );
  if (!taken?.inTime) return null;
  const { tenantId, userId, role, expiresAtMs } = taken;
  return { tenantId, userId, role, expiresAtMs };
}
