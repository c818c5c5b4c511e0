import { z } from 'zod';
import {
  envelope,
  jobCancelledEventSchema,
  jobCompletedEventSchema,
  jobFailedEventSchema,
  jobProgressEventSchema,
  jobStartedEventSchema,
  parentJobProgressEventSchema,
  pipelineEventSchema,
} from './events.ts';
import { identitySchema } from './identity.ts';
import { LIMITS } from './limits.ts';
import { jobIdSchema, timestampSchema } from './subject-token.ts';

/** What a client offers as `Sec-WebSocket-Protocol`; one that offers nothing speaks it all the same. */
export const SUBPROTOCOL = 'jobs.v1';
/** Before a one-use ticket, offered beside the subprotocol: a browser can send no header but this one. */
export const TICKET_PREFIX = 'ticket.';

const messageEnvelope = <Type extends string, Payload extends z.ZodType>(type: Type, payload: Payload) =>
  z.object({ type: z.literal(type), payload, timestamp: timestampSchema.optional() });

const jobIds = z.array(jobIdSchema).min(1).max(LIMITS.wsJobsPerConnection);

/** Client to gateway. The first `subscribe` narrows the connection from everything to the named jobs. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  messageEnvelope('auth', z.object({ token: z.string().min(1).max(LIMITS.tokenMaxBytes) })).describe(
    'Says who one is, within 5 s of the upgrade; later, a fresh token of the same identity',
  ),
  messageEnvelope(
    'subscribe',
    z.object({
      job_ids: jobIds,
      epoch: z.string().max(64).optional().describe('Of the ledger that `after_seq` speaks of'),
      after_seq: z
        .record(jobIdSchema, z.int().min(0))
        .optional()
        .describe(
          'By job: the last lifecycle event that the client has; left out, it takes the snapshot alone',
        ),
    }),
  ).describe('Watches these jobs beside those named before'),
  messageEnvelope('narrow', z.object({ to: z.literal('parents') })).describe(
    'Of everything that it may see it takes parents alone; nothing any more once it has subscribed',
  ),
  messageEnvelope('unsubscribe', z.object({ job_ids: jobIds })).describe('No longer watches these jobs'),
  messageEnvelope('ping', z.object({}).optional())
    .partial({ payload: true })
    .describe('Asks for a `pong`; browsers cannot send the ping of WebSocket itself'),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

const answered = z.object({ job_ids: z.array(jobIdSchema) });

/** Why a gateway does not serve jobs that were asked for; whether to ask again stands beside it. */
export const REFUSALS = {
  /** Also of a job that the client may not see: the two cannot be told apart. */
  job_not_found: { retryable: false, message: 'there is no such job' },
  too_many_jobs: {
    retryable: false,
    message: `a connection watches at most ${LIMITS.wsJobsPerConnection} jobs`,
  },
  unavailable: {
    retryable: true,
    message: 'the database cannot be reached; subscribe again in a moment',
  },
} as const;
export type RefusalCode = keyof typeof REFUSALS;

/** Gateway to client, beside the events: what the gateway itself has to say. */
export const controlMessageSchema = z.discriminatedUnion('type', [
  envelope(
    'welcome',
    z.object({
      connection_id: z.string(),
      identity: identitySchema,
      expires_at: timestampSchema.nullable().describe('When the identity expires; null for never'),
      heartbeat_ms: z.int().min(1).describe('A line that was silent for longer is to be asked'),
      poll_ms: z.int().min(1).describe('How often the gateway asks for jobs that fell silent'),
    }),
  ).describe('The first message, as soon as the gateway knows who it speaks to'),
  envelope('authenticated', z.object({ expires_at: timestampSchema.nullable() })).describe(
    'A fresh token was taken',
  ),
  envelope(
    'subscribed',
    z.object({
      epoch: z.string().describe('Of the ledger; another one than before voids every `seq`'),
      jobs: z.array(
        z.object({
          job_id: jobIdSchema,
          recovered: z
            .boolean()
            .describe(
              'True: every lifecycle event after `after_seq` follows. False: none, the snapshot says it all',
            ),
          seq: z.int().min(0).describe('Of the last lifecycle event that the snapshot holds'),
        }),
      ),
    }),
  ).describe('These jobs are watched; the snapshot of each follows, then what is newer'),
  envelope('unsubscribed', answered).describe('These jobs are watched no longer'),
  envelope('pong', z.strictObject({})).describe('Answers `ping`'),
  envelope(
    'refused',
    answered.extend({
      code: z.enum(Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]]),
      message: z.string(),
      retryable: z.boolean().describe('Whether the same may be asked again in a moment'),
    }),
  ).describe('These jobs are not watched; the connection stays'),
  envelope('reconnect', z.object({ after_ms: z.int().min(0) })).describe(
    'The gateway restarts: leave after this long and connect again; until then all goes on',
  ),
]);
export type ControlMessage = z.infer<typeof controlMessageSchema>;

/** Gateway to client: the events themselves, as they travel on the bus. */
export const jobEventSchema = z.discriminatedUnion('type', [
  parentJobProgressEventSchema.describe('The state of a parent. The latest counts, and it is never replayed'),
  jobProgressEventSchema.describe('How far one job is. The latest counts, and it is never replayed'),
  jobStartedEventSchema.describe('The work begins, or begins anew when the job is retried'),
  jobCompletedEventSchema.describe('The job ended well; nothing of it follows unless it is retried'),
  jobFailedEventSchema.describe('The job failed; nothing of it follows unless it is retried'),
  jobCancelledEventSchema.describe('The job was cancelled; nothing of it follows unless it is retried'),
  pipelineEventSchema.describe('A step within a job that was subscribed by name. Never replayed'),
]);
export type JobEvent = z.infer<typeof jobEventSchema>;

/** Gateway to client: events and answers. */
export type ServerMessage = JobEvent | ControlMessage;
