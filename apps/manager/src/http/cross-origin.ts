import { isOriginAllowed } from '@progeny/identity';
import type { FastifyInstance } from 'fastify';
import type { ManagerConfig } from '../config.ts';

const METHODS = 'GET, POST, DELETE';
const REQUEST_HEADERS = 'authorization, content-type, idempotency-key, if-none-match';
const RESPONSE_HEADERS = 'etag, idempotent-replayed, location, retry-after';
const PREFLIGHT_SECONDS = '600';

/** Pages of allowed origins may read what the API answers them; what they send is judged by `identify`. */
export function allowCrossOrigin(app: FastifyInstance, { ALLOWED_ORIGINS }: ManagerConfig): void {
  app.addHook('onRequest', async ({ headers: { origin } }, reply) => {
    void reply.header('vary', 'origin');
    if (origin === undefined || !isOriginAllowed(origin, ALLOWED_ORIGINS)) return;
    void reply.headers({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': RESPONSE_HEADERS,
    });
  });
  // A preflight carries no credentials, and tells nothing but what may be asked.
  app.options('/v1/*', { schema: { hide: true } }, (_, reply) =>
    reply
      .headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': REQUEST_HEADERS,
        'access-control-max-age': PREFLIGHT_SECONDS,
      })
      .status(204)
      .send(),
  );
}
