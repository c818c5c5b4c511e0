import type { Identity } from '@progeny/core';

/** Who somebody was found to be, and until when; null for ever. */
export interface TicketIdentity extends Identity {
  expiresAtMs: number | null;
}

export interface NewTicket {
  /** Never the ticket itself: whoever reads the ledger must not be able to use it. */
  ticketHash: string;
  identity: TicketIdentity;
  ttlMs: number;
}

/** Expired tickets that one save removes at most. */
export const EXPIRED_TICKETS_PER_SAVE = 100;

/** Tickets that let somebody known to one service into another, once. */
export interface TicketStore {
  /** A hash that is there already stays as it is. Removes expired tickets in passing. */
  saveTicket(ticket: NewTicket): Promise<void>;
  /**
   * Whoever takes it first has it: null when it is unknown, used or older than its `ttlMs`. One whose answer was lost
   * is used.
   */
  takeTicket(ticketHash: string): Promise<TicketIdentity | null>;
}
