import { createHash } from 'node:crypto';
import {
  addChildrenResponseSchema,
  addChildrenSchema,
  bulkReportAnswerSchema,
  bulkStatusReportSchema,
  createJobSchema,
  jobViewSchema,
  parentViewSchema,
  type ReportAnswer,
  reportAnswerSchema,
  statusReportSchema,
} from '@progeny/contract';
import type { JobStore } from '@progeny/job-store';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { JobService } from '../job-service.ts';
import { toChildReport } from '../report-input.ts';
import { ProblemError } from './problem-reply.ts';
import { jobParamsSchema, writeProblems } from './route-schemas.ts';
import { requireVisible, visibleOf } from './visible-jobs.ts';

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
      async handler({ caller: { tenantId, userId }, headers, body }, reply) {
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
      async handler({ caller, params, body }) {
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
      async handler({ caller, params }) {
        await requireVisible(store, caller, params.id);
        await jobs.seal(params.id);
        return requireJob(store, params.id);
      },
    });

    app.post('/v1/jobs/:id/cancel', {
      schema: {
        summary: 'Cancel a parent and all its children; twice is harmless',
        tags: ['jobs'],
        params: jobParamsSchema,
        response: { 202: jobViewSchema, ...writeProblems(404, 409) },
      },
      async handler({ caller, params }, reply) {
        await requireVisible(store, caller, params.id);
        await jobs.cancel(params.id);
        return reply.status(202).send(await requireJob(store, params.id));
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
      async handler({ caller, params: { id: jobId }, body }) {
        await requireVisible(store, caller, jobId);
        const [answer] = await jobs.report([toChildReport({ ...body, job_id: jobId })]);
        switch (answer?.outcome) {
          case 'applied':
          case 'retrying':
          case 'duplicate':
            // A duplicate gets the answer that the first one got.
            return { ...answer, outcome: answer.outcome === 'duplicate' ? 'applied' : answer.outcome };
          case 'stale_attempt':
            throw new ProblemError('stale_attempt', `the child is in attempt ${answer.attempt}`);
          case 'illegal_transition':
            throw new ProblemError('illegal_transition', `${answer.status} to ${body.status}`);
          case 'unknown_job':
          case undefined:
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
      async handler({ caller, body: { reports } }) {
        const visible = await visibleOf(
          store,
          caller,
          reports.map(({ job_id }) => job_id),
        );
        const answers = await jobs.report(
          reports.filter(({ job_id }) => visible.has(job_id)).map(toChildReport),
        );
        const inOrder = answers.values();
        return {
          reports: reports.map(({ job_id }) =>
            visible.has(job_id) ? (inOrder.next().value ?? unknownJob(job_id)) : unknownJob(job_id),
          ),
        };
      },
    });
  };

/** Of a job that the caller may not see, too. */
const unknownJob = (jobId: string): ReportAnswer => ({
  job_id: jobId,
  outcome: 'unknown_job',
  status: null,
  attempt: null,
});

async function requireJob(store: JobStore, jobId: string) {
  const job = await store.getJob(jobId);
  if (!job) throw new ProblemError('job_not_found');
  return job;
}

const fingerprintOf = (body: unknown): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('hex');
