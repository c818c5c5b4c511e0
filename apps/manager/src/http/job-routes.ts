import { createHash } from 'node:crypto';
import {
  addChildrenResponseSchema,
  addChildrenSchema,
  bulkReportAnswerSchema,
  bulkStatusReportSchema,
  createJobSchema,
  jobViewSchema,
  parentViewSchema,
  reportAnswerSchema,
  statusReportSchema,
} from '@progeny/contract';
import type { JobStore, Owner } from '@progeny/job-store';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { JobService } from '../job-service.ts';
import { toChildReport } from '../report-input.ts';
import { ProblemError } from './problem-reply.ts';
import { jobParamsSchema, writeProblems } from './route-schemas.ts';

/** Everybody on this machine is one user of one tenant. */
const LOCAL_OWNER: Owner = { tenantId: 'default', userId: 'local' };

const createHeadersSchema = z.object({
  'idempotency-key': z.string().min(1).max(200).optional(),
});

/** Everything that changes a job. */
export const jobRoutes =
  (jobs: JobService, store: JobStore): FastifyPluginAsyncZod =>
  async (app) => {
    app.post('/v1/jobs', {
      schema: {
        summary: 'Create a parent job: a crawl, or a custom parent whose children come from outside',
        tags: ['jobs'],
        headers: createHeadersSchema,
        body: createJobSchema,
        response: { 201: parentViewSchema, ...writeProblems(422) },
      },
      async handler(request, reply) {
        const key = request.headers['idempotency-key'];
        const { job, created } = await jobs.create(
          LOCAL_OWNER,
          request.body,
          key === undefined ? undefined : { key, fingerprint: fingerprintOf(request.body) },
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
      handler: async (request) => ({
        children: await jobs.addChildren(request.params.id, request.body.children),
      }),
    });

    app.post('/v1/jobs/:id/seal', {
      schema: {
        summary: 'Say that no more children come; twice is harmless',
        tags: ['jobs'],
        params: jobParamsSchema,
        response: { 200: jobViewSchema, ...writeProblems(404, 409) },
      },
      async handler(request) {
        await jobs.seal(request.params.id);
        return requireJob(store, request.params.id);
      },
    });

    app.post('/v1/jobs/:id/cancel', {
      schema: {
        summary: 'Cancel a parent and all its children; twice is harmless',
        tags: ['jobs'],
        params: jobParamsSchema,
        response: { 202: jobViewSchema, ...writeProblems(404, 409) },
      },
      async handler(request, reply) {
        await jobs.cancel(request.params.id);
        return reply.status(202).send(await requireJob(store, request.params.id));
      },
    });

    app.post('/v1/jobs/:id/status', {
      schema: {
        summary: 'Report the status of one child from an outside worker',
        tags: ['outside workers'],
        params: jobParamsSchema,
        body: statusReportSchema,
        response: { 200: reportAnswerSchema, ...writeProblems(404, 409) },
      },
      async handler(request) {
        const jobId = request.params.id;
        const [answer] = await jobs.report([toChildReport({ ...request.body, job_id: jobId })]);
        switch (answer?.outcome) {
          case 'applied':
          case 'retrying':
          case 'duplicate':
            // A duplicate gets the answer that the first one got.
            return { ...answer, outcome: answer.outcome === 'duplicate' ? 'applied' : answer.outcome };
          case 'stale_attempt':
            throw new ProblemError('stale_attempt', `the child is in attempt ${answer.attempt}`);
          case 'illegal_transition':
            throw new ProblemError('illegal_transition', `${answer.status} to ${request.body.status}`);
          case 'unknown_job':
          case undefined:
            await requireJob(store, jobId);
            throw new ProblemError('not_a_child');
        }
      },
    });

    app.post('/v1/jobs/status', {
      schema: {
        summary: 'Report the status of many children; one answer each, in the order given',
        tags: ['outside workers'],
        body: bulkStatusReportSchema,
        response: { 200: bulkReportAnswerSchema, ...writeProblems() },
      },
      handler: async (request) => ({ reports: await jobs.report(request.body.reports.map(toChildReport)) }),
    });
  };

async function requireJob(store: JobStore, jobId: string) {
  const job = await store.getJob(jobId);
  if (!job) throw new ProblemError('job_not_found');
  return job;
}

const fingerprintOf = (body: unknown): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('hex');
