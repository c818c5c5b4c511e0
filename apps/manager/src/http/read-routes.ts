import {
  childListSchema,
  explanationSchema,
  jobListSchema,
  jobViewSchema,
  listChildrenQuerySchema,
  listJobsQuerySchema,
} from '@progeny/contract';
import type { JobStore } from '@progeny/job-store';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { ProblemError } from './problem-reply.ts';
import { jobParamsSchema, readProblems } from './route-schemas.ts';
import { listedOwner, requireVisible } from './visible-jobs.ts';

/** Everything that only looks. No route counts children by walking them. */
export const readRoutes =
  (store: JobStore): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/v1/jobs', {
      schema: {
        summary: 'List the own parent jobs, or as an operator those of the tenant, newest first',
        tags: ['jobs'],
        querystring: listJobsQuerySchema,
        response: { 200: jobListSchema, ...readProblems() },
      },
      handler: async ({ caller, query: { limit, cursor, status } }) =>
        store.listParents({
          owner: listedOwner(caller),
          limit,
          ...(cursor && { cursor }),
          ...(status && { status }),
        }),
    });

    app.get('/v1/jobs/:id', {
      schema: {
        summary: 'One job, parent or child',
        tags: ['jobs'],
        params: jobParamsSchema,
        response: { 200: jobViewSchema, ...readProblems(404) },
      },
      async handler({ caller, params }) {
        await requireVisible(store, caller, params.id);
        const job = await store.getJob(params.id);
        if (!job) throw new ProblemError('job_not_found');
        return job;
      },
    });

    app.get('/v1/jobs/:id/children', {
      schema: {
        summary: 'The children of a parent, oldest first',
        tags: ['jobs'],
        params: jobParamsSchema,
        querystring: listChildrenQuerySchema,
        response: { 200: childListSchema, ...readProblems(404, 409) },
      },
      async handler({ caller, params, query: { limit, cursor, status } }) {
        await requireVisible(store, caller, params.id);
        return store.listChildren(params.id, {
          limit,
          ...(cursor && { cursor }),
          ...(status && { status }),
        });
      },
    });

    app.get('/v1/jobs/:id/explain', {
      schema: {
        summary: 'Why a parent has not ended: what is open, by whom it is held, and what is not counted yet',
        tags: ['jobs'],
        params: jobParamsSchema,
        response: { 200: explanationSchema, ...readProblems(404, 409) },
      },
      async handler({ caller, params }) {
        await requireVisible(store, caller, params.id);
        return store.explain(params.id);
      },
    });
  };
