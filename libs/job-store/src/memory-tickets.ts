import { addMs, type World } from './memory-state.ts';
import { EXPIRED_TICKETS_PER_SAVE, type NewTicket, type TicketIdentity } from './ticket.ts';

export function saveTicket(world: World, { ticketHash, identity, ttlMs }: NewTicket): void {
  const now = world.now();
  const expired = [...world.tickets].filter(([, { expiresAt }]) => expiresAt <= now);
  for (const [hash] of expired.slice(0, EXPIRED_TICKETS_PER_SAVE)) world.tickets.delete(hash);
  if (world.tickets.has(ticketHash)) return;
  world.tickets.set(ticketHash, { identity: { ...identity }, expiresAt: addMs(now, ttlMs) });
}

export function takeTicket(world: World, ticketHash: string): TicketIdentity | null {
  const ticket = world.tickets.get(ticketHash);
  world.tickets.delete(ticketHash);
  return ticket && ticket.expiresAt > world.now() ? ticket.identity : null;
}
