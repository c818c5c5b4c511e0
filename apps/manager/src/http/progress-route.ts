import {
  childProgressSchema,
  LIMITS,
  type ParentJobProgress,
  parentJobProgressSchema,
} from '@progeny/contract';
import type { CallerStore } from '@progeny/job-store';
import type { Places } from '@progeny/kit';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { longPoll } from '../progress/long-poll.ts';
import type { ProgressFeed } from '../progress/progress-feed.ts';
import { etagOf, isNamedBy } from './etag.ts';
import { ProblemError } from './problem-reply.ts';
import { jobParamsSchema, readProblems } from './route-schemas.ts';
import { requireVisible } from './visible-jobs.ts';

const progressSchema = z.union([parentJobProgressSchema, childProgressSchema]);

const querySchema = z.object({
  wait: z.coerce
    .number()
    .min(0)
    .max(LIMITS.longPollMaxSeconds)
    .default(0)
    .describe('Seconds to wait for another version than `If-None-Match` names'),
});
const headersSchema = z.object({
  'if-none-match': z.string().optional().describe('`ETag` of the answer that one has'),
});

/**
 * Where a job is, for whoever cannot be told: by its version, and at once when there is another one. A user for whom
 * there is no place left to wait is answered without waiting.
 */
export const progressRoute =
  ({ feed, places }: { feed: ProgressFeed; places: Places }): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/v1/jobs/:id/progress', {
      schema: {
        summary:
          'Where a job is: of a parent the very object that parent_job_progress carries, of a child its stage',
        description:
          'The `ETag` is the version. With `wait` and `If-None-Match` the answer comes as soon as the version is another, and is 304 when it has stayed the same.',
        tags: ['jobs'],
        params: jobParamsSchema,
        querystring: querySchema,
        headers: headersSchema,
        response: {
          200: progressSchema,
          304: z.undefined().describe('Still the version that `If-None-Match` names'),
          ...readProblems(404),
        },
      },
      async handler({ params, query, headers, caller, own: { store } }, reply) {
        const gone = signalOfHangUp(reply);
        const { tenantId } = await requireVisible(store, caller, params.id);
        const isKnown = (version: number) => isNamedBy(headers['if-none-match'], etagOf(version));
        const first = await readState(store, params.id);
        const leave = query.wait > 0 ? places.take(`${caller.tenantId}/${caller.userId}`) : null;
        const { version, progress } = await longPoll({
          first,
          read: () => readState(store, params.id),
          isNews: (state) => !isKnown(state.version),
          stateOf: parentState,
          feed,
          job: { kind: first.kind, tenantId, jobId: params.id },
          // Nobody is told anything after their token has expired.
          waitMs: leave ? Math.min(query.wait * 1_000, (caller.expiresAtMs ?? Infinity) - Date.now()) : 0,
          gone,
        }).finally(() => leave?.());
        void reply.header('etag', etagOf(version)).header('cache-control', cacheControl(query.wait));
        return isKnown(version) ? reply.status(304).send() : progress;
      },
    });
  };

/**
 * A browser may keep the answer and ask whether it still holds, but not when the question is a wait: it would name the
 * version that it kept by itself, and a page that has nothing yet would wait for a change.
 */
const cacheControl = (waitSeconds: number) => (waitSeconds > 0 ? 'no-store' : 'private, no-cache');

interface JobState {
  version: number;
  kind: 'parent' | 'child';
  progress: z.infer<typeof progressSchema>;
}

const parentState = (progress: ParentJobProgress): JobState => ({
  version: progress.version,
  kind: 'parent',
  progress,
});

async function readState(store: CallerStore, jobId: string): Promise<JobState> {
  const [parent] = await store.getProgress([jobId]);
  if (parent) return parentState(parent.progress);
  const job = await store.getJob(jobId);
  if (!job || !('attempt' in job)) throw new ProblemError('job_not_found');
  const { version } = job;
  return { version, kind: 'child', progress: childProgressSchema.parse(job) };
}

/** Aborted when whoever asks hangs up; already, if that is how it is. */
function signalOfHangUp({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  if (raw.destroyed) gone.abort();
  return gone.signal;
}
