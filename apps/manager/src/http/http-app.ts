import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { LIMITS } from '@progeny/contract';
import type { RequestHandlers } from '@progeny/event-bus';
import type { JobStore } from '@progeny/job-store';
import type { Log, OpsHandler } from '@progeny/kit';
import { type FastifyInstance, fastify } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { ManagerConfig } from '../config.ts';
import type { JobService } from '../job-service.ts';
import { jobRoutes } from './job-routes.ts';
import { pageRoutes } from './page-routes.ts';
import { answerFrameworkError, answerProblems } from './problem-reply.ts';
import { readRoutes } from './read-routes.ts';
import { workerRoutes } from './worker-routes.ts';

export interface HttpAppParts {
  config: ManagerConfig;
  jobs: JobService;
  store: JobStore;
  workers: RequestHandlers;
  log: Log;
  ops: OpsHandler;
}

/** The manager's HTTP side: API, page, documentation, health and metrics. */
export async function createHttpApp({
  config,
  jobs,
  store,
  workers,
  log,
  ops,
}: HttpAppParts): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: LIMITS.httpBodyMaxBytes,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: answerFrameworkError,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerProblems(app, log);

  // Health and metrics are answered before everything else, so that they work whatever the rest does.
  app.addHook('onRequest', (request, reply, done) => {
    if (ops(request.raw, reply.raw)) reply.hijack();
    else done();
  });
  await app.register(helmet, { contentSecurityPolicy: { directives: pagePolicy(config.GATEWAY_URL) } });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Progeny',
        description:
          'Live parent/child crawl jobs. Errors are RFC 9457 problem documents with a stable `code`.',
        version: '1',
      },
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.register(jobRoutes(jobs, store));
  await app.register(readRoutes(store));
  await app.register(workerRoutes(workers));
  await app.register(pageRoutes(config));
  return app;
}

const pagePolicy = (gatewayUrl: string) => {
  const { protocol, host } = new URL(gatewayUrl);
  const httpProtocol = protocol === 'wss:' ? 'https:' : 'http:';
  return {
    defaultSrc: ["'self'"],
    connectSrc: ["'self'", `${protocol}//${host}`, `${httpProtocol}//${host}`],
    imgSrc: ["'self'", 'data:'],
    styleSrc: ["'self'"],
    scriptSrc: ["'self'"],
    // The page is served over plain HTTP on loopback, where an upgrade would break it.
    upgradeInsecureRequests: null,
  };
};
