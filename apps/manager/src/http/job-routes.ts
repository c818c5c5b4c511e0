import { createHash } from 'node:crypto';
import {
  addChildrenResponseSchema,
  addChildrenSchema,
  createJobSchema,
  jobViewSchema,
  parentViewSchema,
} from '@progeny/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { jobParamsSchema, writeProblems } from './route-schemas.ts';
import { requireJob, requireVisible } from './visible-jobs.ts';

const createHeadersSchema = z.object({
  'idempotency-key': z.string().min(1).max(200).optional(),
});

/** Everything that makes a job. */
export const jobRoutes: FastifyPluginAsyncZod = async (app) => {
  app.post('/v1/jobs', {
    schema: {
      summary: 'Create a parent job: a crawl, or a custom parent whose children come from outside',
      description:
        'With `parent_id` it is a child of that parent as well: it belongs to whom that one belongs, and counts there as one. The same `key` within the parent answers with the same job, and so does the same `Idempotency-Key`.',
      tags: ['jobs'],
      headers: createHeadersSchema,
      body: createJobSchema,
      response: { 201: parentViewSchema, ...writeProblems(404, 409, 422) },
    },
    async handler({ caller, own: { jobs, store }, headers, body }, reply) {
      const { tenantId, userId } = caller;
      if (body.parent_id !== undefined) await requireVisible(store, caller, body.parent_id);
      const key = headers['idempotency-key'];
      const { job, created } = await jobs.create(
        { tenantId, userId },
        body,
        // Of the user, not of the tenant: the same key of another must not answer with a job of theirs.
        key === undefined ? undefined : { key: `${userId}/${key}`, fingerprint: fingerprintOf(body) },
      );
      if (!created) void reply.header('idempotent-replayed', 'true');
      return reply.status(201).header('location', `/v1/jobs/${job.job_id}`).send(job);
    },
  });

  app.post('/v1/jobs/:id/children', {
    schema: {
      summary: 'Add children in bulk; the same key is the same child',
      tags: ['jobs'],
      params: jobParamsSchema,
      body: addChildrenSchema,
      response: { 200: addChildrenResponseSchema, ...writeProblems(404, 409) },
    },
    async handler({ caller, own: { jobs, store }, params, body }) {
      await requireVisible(store, caller, params.id);
      return { children: await jobs.addChildren(params.id, body.children) };
    },
  });

  app.post('/v1/jobs/:id/seal', {
    schema: {
      summary: 'Say that no more children come; twice is harmless',
      tags: ['jobs'],
      params: jobParamsSchema,
      response: { 200: jobViewSchema, ...writeProblems(404, 409) },
    },
    async handler({ caller, own: { jobs, store }, params }) {
      await requireVisible(store, caller, params.id);
      await jobs.seal(params.id);
      return requireJob(store, params.id);
    },
  });
};

const fingerprintOf = (body: unknown): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('hex');
