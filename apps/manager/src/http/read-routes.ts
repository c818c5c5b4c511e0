import {
  childListSchema,
  explanationSchema,
  jobListSchema,
  jobLogSchema,
  jobViewSchema,
  listChildrenQuerySchema,
  listJobsQuerySchema,
  pipelineEventListSchema,
} from '@progeny/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { jobParamsSchema, readProblems } from './route-schemas.ts';
import { requireJob, requireVisible } from './visible-jobs.ts';

/** Everything that only looks. No route counts children by walking them. */
export const readRoutes: FastifyPluginAsyncZod = async (app) => {
  app.get('/v1/jobs', {
    schema: {
      summary: 'List the own parent jobs, or as an operator those of the tenant, newest first',
      description: 'Those that are nested in another are among the children of that one.',
      tags: ['jobs'],
      querystring: listJobsQuerySchema,
      response: { 200: jobListSchema, ...readProblems() },
    },
    handler: async ({ own: { store }, query: { limit, cursor, status } }) =>
      store.listParents({
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
    async handler({ caller, own: { store }, params }) {
      await requireVisible(store, caller, params.id);
      return requireJob(store, params.id);
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
    async handler({ caller, own: { store }, params, query: { limit, cursor, status } }) {
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
    async handler({ caller, own: { store }, params }) {
      await requireVisible(store, caller, params.id);
      return store.explain(params.id);
    },
  });

  app.get('/v1/jobs/:id/events', {
    schema: {
      summary: 'What happened within a job, the newest 200 steps, oldest first',
      tags: ['jobs'],
      params: jobParamsSchema,
      response: { 200: pipelineEventListSchema, ...readProblems(404) },
    },
    async handler({ caller, own: { store }, params }) {
      await requireVisible(store, caller, params.id);
      return store.listSteps(params.id);
    },
  });

  app.get('/v1/jobs/:id/log', {
    schema: {
      summary: 'What happened to the children of a parent, the newest 200 lines, oldest first',
      tags: ['jobs'],
      params: jobParamsSchema,
      response: { 200: jobLogSchema, ...readProblems(404, 409) },
    },
    async handler({ caller, own: { store }, params }) {
      await requireVisible(store, caller, params.id);
      return store.listLog(params.id);
    },
  });
};
