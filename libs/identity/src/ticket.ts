import { createHash, randomBytes } from 'node:crypto';

const TICKET_BYTES = 24;

/** A new one-use ticket, 192 random bits in characters that a WebSocket subprotocol may have. */
export const createTicket = (): string => randomBytes(TICKET_BYTES).toString('base64url');

/** What is kept of a ticket: whoever reads the ledger cannot use it. */
export const hashTicket = (ticket: string): string => createHash('sha256').update(ticket).digest('hex');
