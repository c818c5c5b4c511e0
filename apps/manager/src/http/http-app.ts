import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { asyncApi, LIMITS } from '@progeny/contract';
import type { Authenticator } from '@progeny/identity';
import type { JobStore } from '@progeny/job-store';
import { createPlaces, type Log, type OpsHandler } from '@progeny/kit';
import { type FastifyInstance, type FastifyPluginAsync, fastify } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { ManagerConfig } from '../config.ts';
import type { JobServices } from '../job-service.ts';
import type { ProgressFeed } from '../progress/progress-feed.ts';
import { commandRoutes } from './command-routes.ts';
import { allowCrossOrigin } from './cross-origin.ts';
import { identify } from './identify.ts';
import { jobRoutes } from './job-routes.ts';
import { openApiOf } from './open-api.ts';
import { giveOwnJobs } from './own-jobs.ts';
import { pageConfigRoute, pageRoutes } from './page-routes.ts';
import { answerFrameworkError, answerProblems } from './problem-reply.ts';
import { progressRoute } from './progress-route.ts';
import { readRoutes } from './read-routes.ts';
import { reportRoutes } from './report-routes.ts';
import { ticketRoute } from './ticket-route.ts';
import { workerRoutes } from './worker-routes.ts';

export interface HttpAppParts {
  config: ManagerConfig;
  jobs: JobServices;
  store: JobStore;
  authenticator: Authenticator;
  feed: ProgressFeed;
  log: Log;
  ops: OpsHandler;
}

/** The manager's HTTP side: API, page, documentation, health and metrics. */
export async function createHttpApp(parts: HttpAppParts): Promise<FastifyInstance> {
  const { config, log, ops } = parts;
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
    openapi: openApiOf(config),
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  app.get('/asyncapi.json', { schema: { hide: true } }, async () => asyncApi());
  await app.register(async (api) => {
    allowCrossOrigin(api, config);
    await api.register(identifiedRoutes(parts));
  });
  await app.register(pageRoutes(config));
  return app;
}

/** Everything that is answered to somebody in particular. */
const identifiedRoutes =
  ({ config, jobs, store, authenticator, feed, log }: HttpAppParts): FastifyPluginAsync =>
  async (app) => {
    // Without tokens everybody is the same user.
    const isOpen = authenticator.anonymous !== null;
    identify(app, { authenticator, config, log });
    giveOwnJobs(app, { jobs, store });
    await app.register(jobRoutes);
    await app.register(commandRoutes);
    await app.register(reportRoutes);
    await app.register(readRoutes);
    await app.register(
      progressRoute({ feed, places: createPlaces({ each: isOpen ? Infinity : LIMITS.longPollsPerUser }) }),
    );
    await app.register(ticketRoute(store));
    await app.register(workerRoutes({ jobs, store, isOpen }));
    await app.register(pageConfigRoute(config));
  };

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
