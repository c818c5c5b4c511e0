import { WORKER_ENDPOINTS } from '@progeny/contract';
import type { Identity } from '@progeny/core';
import type { JobStore } from '@progeny/job-store';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { JobServices } from '../job-service.ts';
import { createWorkerHandlers } from '../worker-endpoints.ts';
import { ProblemError } from './problem-reply.ts';
import { writeProblems } from './route-schemas.ts';

export interface WorkerRouteParts {
  jobs: JobServices;
  store: JobStore;
  /** Whoever comes is a worker. */
  isOpen: boolean;
}

/**
 * What workers ask over the bus, for as long as they cannot: the same requests, replies and handlers. They speak of
 * children of everybody in their tenant, so it takes the role of a worker, unless all are one anyway. Commands are not
 * among them: people have routes of their own.
 */
export const workerRoutes =
  ({ jobs, store, isOpen }: WorkerRouteParts): FastifyPluginAsyncZod =>
  async (app) => {
    const workersOf = ({ tenantId }: Identity) =>
      createWorkerHandlers(jobs.as({ tenantId }), store.as({ tenantId }));
    app.addHook('onRequest', async ({ caller }) => {
      if (!isOpen && caller.role !== 'worker') throw new ProblemError('forbidden');
    });
    const { claim, report, heartbeat, progress } = WORKER_ENDPOINTS;

    app.post('/v1/workers/claim', {
      schema: {
        summary: 'Take pending children with a lease, as `manager.claim` on the bus',
        tags: ['workers'],
        body: claim.request,
        response: { 200: claim.reply, ...writeProblems() },
      },
      handler: ({ caller, body }) => workersOf(caller).claim(body),
    });

    app.post('/v1/workers/report', {
      schema: {
        summary: 'Report what became of claimed children, as `manager.report` on the bus',
        tags: ['workers'],
        body: report.request,
        response: { 200: report.reply, ...writeProblems() },
      },
      handler: ({ caller, body }) => workersOf(caller).report(body),
    });

    app.post('/v1/workers/heartbeat', {
      schema: {
        summary: 'Extend leases and hear which are lost, as `manager.heartbeat` on the bus',
        tags: ['workers'],
        body: heartbeat.request,
        response: { 200: heartbeat.reply, ...writeProblems() },
      },
      handler: ({ caller, body }) => workersOf(caller).heartbeat(body),
    });

    app.post('/v1/workers/progress', {
      schema: {
        summary:
          'Say how far claimed children are, and what happened in them, as `manager.progress` on the bus',
        tags: ['workers'],
        body: progress.request,
        response: { 200: progress.reply, ...writeProblems() },
      },
      handler: ({ caller, body }) => workersOf(caller).progress(body),
    });
  };
