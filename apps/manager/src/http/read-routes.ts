import {
  childListSchema,
  childProgressSchema,
  explanationSchema,
  jobListSchema,
  jobViewSchema,
  listChildrenQuerySchema,
  listJobsQuerySchema,
  parentJobProgressSchema,
} from '@progeny/contract';
import { isEnded } from '@progeny/core';
import type { JobStore } from '@progeny/job-store';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ProblemError } from './problem-reply.ts';
import { jobParamsSchema, readProblems } from './route-schemas.ts';

/** Everything that only looks. No route counts children by walking them. */
export const readRoutes =
  (store: JobStore): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/v1/jobs', {
      schema: {
        summary: 'List parent jobs, newest first',
        tags: ['jobs'],
        querystring: listJobsQuerySchema,
        response: { 200: jobListSchema, ...readProblems() },
      },
      handler: async ({ query: { limit, cursor, status } }) =>
        store.listParents({ limit, ...(cursor && { cursor }), ...(status && { status }) }),
    });

    app.get('/v1/jobs/:id', {
      schema: {
        summary: 'One job, parent or child',
        tags: ['jobs'],
        params: jobParamsSchema,
        response: { 200: jobViewSchema, ...readProblems(404) },
      },
      async handler(request) {
        const job = await store.getJob(request.params.id);
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
      handler: async ({ params, query: { limit, cursor, status } }) =>
        store.listChildren(params.id, { limit, ...(cursor && { cursor }), ...(status && { status }) }),
    });

    app.get('/v1/jobs/:id/explain', {
      schema: {
        summary: 'Why a parent has not ended: what is open, by whom it is held, and what is not counted yet',
        tags: ['jobs'],
        params: jobParamsSchema,
        response: { 200: explanationSchema, ...readProblems(404, 409) },
      },
      async handler(request, reply) {
        void reply.header('cache-control', 'no-store');
        return store.explain(request.params.id);
      },
    });

    app.get('/v1/jobs/:id/progress', {
      schema: {
        summary: 'Where a job is: of a parent the very object that parent_job_progress carries',
        tags: ['jobs'],
        params: jobParamsSchema,
        response: {
          200: z.union([parentJobProgressSchema, childProgressSchema]),
          ...readProblems(404),
        },
      },
      async handler(request, reply) {
        const jobId = request.params.id;
        void reply.header('cache-control', 'no-store');
        const [parent] = await store.getProgress([jobId]);
        if (parent) return parent.progress;
        const job = await store.getJob(jobId);
        if (!job || job.parent_id === null) throw new ProblemError('job_not_found');
        return {
          job_id: jobId,
          status: job.status,
          progress_percentage: isEnded(job.status) ? 100 : 0,
          progress_stage: job.status,
        };
      },
    });
  };
