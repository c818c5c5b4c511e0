import { LIMITS, ticketSchema } from '@progeny/contract';
import { createTicket, hashTicket } from '@progeny/identity';
import type { TicketStore } from '@progeny/job-store';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { writeProblems } from './route-schemas.ts';

/** Tickets let a browser, which can send no header there, into the gateway without a token in the URL. */
export const ticketRoute =
  (tickets: Pick<TicketStore, 'saveTicket'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.post('/v1/tickets', {
      schema: {
        summary: 'A ticket for one connection to the gateway, as whoever asks and until their token expires',
        tags: ['identity'],
        response: { 201: ticketSchema, ...writeProblems() },
      },
      async handler({ caller }, reply) {
        const ticket = createTicket();
        await tickets.saveTicket({
          ticketHash: hashTicket(ticket),
          identity: caller,
          ttlMs: LIMITS.ticketSeconds * 1_000,
        });
        return reply.status(201).send({ ticket, expires_in_seconds: LIMITS.ticketSeconds });
      },
    });
  };
