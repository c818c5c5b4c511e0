import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { pageConfigSchema } from '@progeny/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { ManagerConfig } from '../config.ts';

/** The page's own addresses: all of them are the one HTML file, which routes in the browser. */
const PAGE_PATHS = ['/', '/jobs/:id'];

const KEEP_FOR_A_MONTH = 'public, max-age=2592000, immutable';

/** What the page has to know before it can start. */
export const pageConfigRoute =
  ({ GATEWAY_URL, DEMO_URL }: ManagerConfig): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/page-config.json', {
      schema: { hide: true, response: { 200: pageConfigSchema } },
      handler: async () => ({ gateway_url: GATEWAY_URL, demo_url: DEMO_URL ?? null }),
    });
  };

/** The built page, open to everybody: what it shows it asks for as whoever looks at it. */
export const pageRoutes =
  ({ WEB_DIST }: ManagerConfig): FastifyPluginAsyncZod =>
  async (app) => {
    if (!WEB_DIST) return;
    const assets = join(WEB_DIST, 'assets/');
    await app.register(fastifyStatic, {
      root: WEB_DIST,
      index: false,
      cacheControl: false,
      // Only files whose name carries their hash may be kept by a browser.
      setHeaders: (response, path) =>
        void response.setHeader('cache-control', path.startsWith(assets) ? KEEP_FOR_A_MONTH : 'no-cache'),
    });
    for (const path of PAGE_PATHS) {
      app.get(path, { schema: { hide: true } }, (_, reply) => reply.sendFile('index.html'));
    }
  };
