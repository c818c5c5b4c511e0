import { type Authenticator, admit, IdentityError, isHostAllowed } from '@progeny/identity';
import type { TicketIdentity } from '@progeny/job-store';
import type { Log } from '@progeny/kit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ManagerConfig } from '../config.ts';
import { ProblemError } from './problem-reply.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. */
    caller: TicketIdentity;
  }
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Every route of this scope knows who asks, before it reads a body: `request.caller`, or 401, 403 or 503. */
export function identify(
  app: FastifyInstance,
  { authenticator, config, log }: { authenticator: Authenticator; config: ManagerConfig; log: Log },
): void {
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request, reply) => {
    // What is answered depends on who asks.
    void reply.header('cache-control', 'no-store');
    request.caller = await callerOf(request, { authenticator, config }).catch((error) => {
      if (!(error instanceof IdentityError)) throw error;
      log.debug({ code: error.code, detail: error.detail }, 'a token was refused');
      throw new ProblemError(error.retryable ? 'unavailable' : 'unauthenticated', error.message);
    });
  });
}

async function callerOf(
  { headers, method }: FastifyRequest,
  { authenticator: { anonymous, verify }, config }: { authenticator: Authenticator; config: ManagerConfig },
): Promise<TicketIdentity> {
  // Without tokens nothing but its name tells a page that was led to loopback from one of ours.
  if (anonymous && !isHostAllowed(headers, config.ALLOWED_ORIGINS))
    throw new ProblemError('forbidden_origin');
  const admission = admit(headers, config);
  if (admission === 'forbidden_origin') throw new ProblemError('forbidden_origin');
  if (anonymous) return { ...anonymous, expiresAtMs: null };
  if (admission === 'none') throw new ProblemError('unauthenticated');
  // A browser says of every page that changes something where it is from; whoever says nothing can send a bearer.
  if (admission.kind === 'cookie' && headers.origin === undefined && !READING.has(method)) {
    throw new ProblemError('forbidden_origin');
  }
  const { identity, expiresAtMs } = await verify(admission.token);
  return { ...identity, expiresAtMs };
}
