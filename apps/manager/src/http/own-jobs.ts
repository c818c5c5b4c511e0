import type { CallerStore, JobStore } from '@progeny/job-store';
import type { FastifyInstance } from 'fastify';
import type { JobService, JobServices } from '../job-service.ts';
import { reachOf } from './visible-jobs.ts';

/** The use cases and the ledger as one caller has them: the second wall behind `canSee`. */
export interface OwnJobs {
  jobs: JobService;
  store: CallerStore;
}

declare module 'fastify' {
  interface FastifyRequest {
    own: OwnJobs;
  }
}

/** Every route of this scope has nothing but the jobs of whoever asks: `request.own`. After `identify`. */
export function giveOwnJobs(
  app: FastifyInstance,
  { jobs, store }: { jobs: JobServices; store: JobStore },
): void {
  app.decorateRequest('own');
  app.addHook('onRequest', async (request) => {
    const reach = reachOf(request.caller);
    request.own = { jobs: jobs.as(reach), store: store.as(reach) };
  });
}
