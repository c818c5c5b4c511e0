import { type Command, jobViewSchema } from '@progeny/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { jobParamsSchema, writeProblems } from './route-schemas.ts';
import { requireJob, requireVisible } from './visible-jobs.ts';

/** By the last word of its address. */
const POSTED: Record<string, { command: Command; summary: string }> = {
  cancel: { command: 'cancel', summary: 'Cancel a parent and all its children' },
  pause: { command: 'pause', summary: 'Give out no more children of a parent; those that run may end' },
  resume: { command: 'resume', summary: 'Give out children of a paused parent again' },
  'retry-failed': {
    command: 'retry_failed',
    summary: 'Try the failed children of a parent again; one that has ended runs again',
  },
  retry: {
    command: 'retry',
    summary: 'Try one child again that failed or was cancelled; its parent, if it has ended, runs again',
  },
};

/** What people may order. Each stands in the ledger when it is answered, and twice is harmless. */
export const commandRoutes: FastifyPluginAsyncZod = async (app) => {
  for (const [word, { command, summary }] of Object.entries(POSTED)) {
    app.post(`/v1/jobs/:id/${word}`, {
      schema: {
        summary: `${summary}; twice is harmless`,
        tags: ['commands'],
        params: jobParamsSchema,
        response: { 202: jobViewSchema, ...writeProblems(404, 409) },
      },
      async handler({ caller, own: { jobs, store }, params: { id: jobId } }, reply) {
        const owner = await requireVisible(store, caller, jobId);
        await jobs.command({ owner, jobId, command });
        return reply.status(202).send(await requireJob(store, jobId));
      },
    });
  }

  app.delete('/v1/jobs/:id', {
    schema: {
      summary: 'Delete a parent that has ended, with its children and all that is known of them',
      tags: ['commands'],
      params: jobParamsSchema,
      response: { 204: z.undefined().describe('It is gone'), ...writeProblems(404, 409) },
    },
    async handler({ caller, own: { jobs, store }, params: { id: jobId } }, reply) {
      const owner = await requireVisible(store, caller, jobId);
      await jobs.command({ owner, jobId, command: 'delete' });
      return reply.status(204).send();
    },
  });
};
