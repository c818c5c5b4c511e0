import {
  bulkReportAnswerSchema,
  bulkStatusReportSchema,
  progressOutcomeSchema,
  progressReportSchema,
  reportAnswerSchema,
  statusReportSchema,
  WORKER_ENDPOINTS,
} from '@progeny/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toChildReport, toProgressReport } from '../report-input.ts';
import { ProblemError } from './problem-reply.ts';
import { jobParamsSchema, writeProblems } from './route-schemas.ts';
import { requireVisible } from './visible-jobs.ts';

/** What workers outside say of their children: of one, or of many at once. */
export const reportRoutes: FastifyPluginAsyncZod = async (app) => {
  app.post('/v1/jobs/:id/status', {
    schema: {
      summary: 'Report the status of one child from an outside worker',
      tags: ['outside workers'],
      params: jobParamsSchema,
      body: statusReportSchema,
      response: { 200: reportAnswerSchema, ...writeProblems(404, 409) },
    },
    async handler({ caller, own: { jobs, store }, params: { id: jobId }, body }) {
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
    handler: async ({ own: { jobs }, body: { reports } }) => ({
      reports: await jobs.report(reports.map(toChildReport)),
    }),
  });

  app.post('/v1/jobs/:id/progress', {
    schema: {
      summary: 'Say how far one child is, and what happened in it; of a parent only what happened',
      description:
        'Stored and told when it is answered. What one child says within a moment is merged: the last value counts, and no step is left out.',
      tags: ['outside workers'],
      params: jobParamsSchema,
      body: progressReportSchema,
      response: { 200: progressAnswerSchema, ...writeProblems(404, 409) },
    },
    async handler({ caller, own: { jobs, store }, params: { id: jobId }, body }) {
      await requireVisible(store, caller, jobId);
      const [outcome] = await jobs.progress([toProgressReport({ ...body, job_id: jobId })]);
      switch (outcome) {
        case 'applied':
          return { outcome };
        case 'not_running':
        case 'stale_attempt':
          throw new ProblemError(outcome);
        case 'unknown_job':
        case undefined:
          // Deleted in this very moment.
          throw new ProblemError('job_not_found');
      }
    },
  });

  app.post('/v1/jobs/progress', {
    schema: {
      summary: 'Say so of many children; one outcome each, in the order given',
      tags: ['outside workers'],
      body: WORKER_ENDPOINTS.progress.request,
      response: { 200: WORKER_ENDPOINTS.progress.reply, ...writeProblems() },
    },
    handler: async ({ own: { jobs }, body: { reports } }) => ({
      outcomes: await jobs.progress(reports.map(toProgressReport)),
    }),
  });
};

const progressAnswerSchema = z.object({ outcome: progressOutcomeSchema.extract(['applied']) });
