import { z } from 'zod';
import { commandSchema } from './command.ts';
import { explainRequestSchema, explanationSchema } from './explanation.ts';
import {
  childInputSchema,
  progressOutcomeSchema,
  progressReportSchema,
  reportAnswerSchema,
  statusReportSchema,
} from './http.ts';
import { LIMITS } from './limits.ts';
import { jobStatusSchema } from './status.ts';
import { storableText } from './storable.ts';
import { jobIdSchema, subjectTokenSchema, timestampSchema } from './subject-token.ts';

export const claimRequestSchema = z.object({
  worker_id: subjectTokenSchema,
  job_types: z.array(z.string()).min(1).max(20),
  limit: z.int().min(1).max(LIMITS.workerBatch),
  /** How long the claim holds without a heartbeat; afterwards the child becomes pending again. */
  lease_ms: z.int().min(1_000).max(600_000).default(30_000),
});
export const claimedChildSchema = z.object({
  job_id: jobIdSchema,
  parent_id: jobIdSchema,
  job_type: z.string(),
  key: z.string(),
  payload: z.record(z.string(), z.unknown()),
  attempt: z.int().min(1),
  lease_expires_at: timestampSchema,
  timeout_ms: z.int().min(1).nullable().describe('How long this try may take; null for as long as it likes'),
});
export type ClaimedChild = z.infer<typeof claimedChildSchema>;
export const claimReplySchema = z.object({
  children: z.array(claimedChildSchema),
  /** The spec of each parent that occurs among the children, by parent id. */
  parents: z.record(z.string(), z.record(z.string(), z.unknown())),
});
export type ClaimReply = z.infer<typeof claimReplySchema>;

export const workerReportSchema = statusReportSchema.extend({
  job_id: jobIdSchema,
  /** For a failure: may it be tried again? The manager decides by the attempts left. */
  retryable: z.boolean().default(false),
  /** Text of the page, kept beside the result. */
  text: z.string().max(LIMITS.pageTextMaxChars).overwrite(storableText).optional(),
  /** Children found on the way, added in the transaction that ends this one. Only together with `completed`. */
  children: z.array(childInputSchema).max(LIMITS.linksPerReport).default([]),
});
export type WorkerReport = z.infer<typeof workerReportSchema>;
export const reportRequestSchema = z.object({
  reports: z.array(workerReportSchema).min(1).max(LIMITS.workerBatch),
});
export const reportReplySchema = z.object({ reports: z.array(reportAnswerSchema) });

export const heartbeatRequestSchema = z.object({
  lease_ms: z.int().min(1_000).max(600_000).default(30_000),
  children: z
    .array(z.object({ job_id: jobIdSchema, attempt: z.int().min(1) }))
    .min(1)
    .max(LIMITS.workerBatch),
});
export const progressRequestSchema = z.object({
  reports: z
    .array(progressReportSchema.extend({ job_id: jobIdSchema }))
    .min(1)
    .max(LIMITS.workerBatch),
});
/** One answer each, in the order given. */
export const progressReplySchema = z.object({ outcomes: z.array(progressOutcomeSchema) });

/** The commands of HTTP, for operators: `nats req manager.command '{"job_id":"…","command":"pause"}'`. */
export const commandRequestSchema = z.object({ job_id: jobIdSchema, command: commandSchema });
export const commandReplySchema = z.object({
  job_id: jobIdSchema,
  status: jobStatusSchema.nullable().describe('Right after it; null when the job is deleted'),
});

/** Children whose claim is gone (cancelled, or given to somebody else): stop working on them. */
export const heartbeatReplySchema = z.object({ lost: z.array(jobIdSchema) });

/** The worker API: request and reply on NATS, listed by `nats micro ls`. */
export const WORKER_ENDPOINTS = {
  claim: { subject: 'manager.claim', request: claimRequestSchema, reply: claimReplySchema },
  report: { subject: 'manager.report', request: reportRequestSchema, reply: reportReplySchema },
  heartbeat: { subject: 'manager.heartbeat', request: heartbeatRequestSchema, reply: heartbeatReplySchema },
  progress: { subject: 'manager.progress', request: progressRequestSchema, reply: progressReplySchema },
  command: { subject: 'manager.command', request: commandRequestSchema, reply: commandReplySchema },
  /** For whoever wonders: `nats req manager.explain '{"job_id":"…"}'`. */
  explain: { subject: 'manager.explain', request: explainRequestSchema, reply: explanationSchema },
} as const;
export type WorkerEndpoint = keyof typeof WORKER_ENDPOINTS;
export type WorkerRequest<E extends WorkerEndpoint> = z.input<(typeof WORKER_ENDPOINTS)[E]['request']>;
export type WorkerReply<E extends WorkerEndpoint> = z.output<(typeof WORKER_ENDPOINTS)[E]['reply']>;
/** A request after parsing, with its defaults. */
export type ParsedWorkerRequest<E extends WorkerEndpoint> = z.output<(typeof WORKER_ENDPOINTS)[E]['request']>;
