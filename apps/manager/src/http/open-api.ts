import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { ManagerConfig } from '../config.ts';

/** What stands in `/openapi.json` beside the routes. */
export const openApiOf = (config: ManagerConfig): NonNullable<FastifyDynamicSwaggerOptions['openapi']> => ({
  openapi: '3.1.0',
  info: {
    title: 'Progeny',
    description: 'Live parent/child crawl jobs. Errors are RFC 9457 problem documents with a stable `code`.',
    version: '1',
  },
  ...(config.AUTH === 'jwt' && withTokens(config.AUTH_COOKIE)),
});

const withTokens = (cookie: string) => ({
  components: {
    securitySchemes: {
      bearer: { type: 'http' as const, scheme: 'bearer', bearerFormat: 'JWT' },
      cookie: { type: 'apiKey' as const, in: 'cookie', name: cookie },
    },
  },
  security: [{ bearer: [] }, { cookie: [] }] as Record<string, string[]>[],
});
