import { z } from 'zod';
import { envelope, type LifecycleEvent, type ParentJobProgressEvent } from './events.ts';
import { LIMITS } from './limits.ts';
import { jobIdSchema } from './subject-token.ts';

/** Why the gateway closes a connection. Codes from 4400 to 4499 mean: don't reconnect with the same behaviour. */
export const CloseCode = {
  /** The gateway restarts; reconnect after a moment. */
  ServiceRestart: 1012,
  /** No pong within the heartbeat; reconnect. */
  HeartbeatLost: 4001,
  /** The reader did not keep up; reconnect, the first frames are the present state. */
  SlowConsumer: 4002,
  /** A message that is not JSON or not one of the protocol. */
  BadMessage: 4400,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

const jobIds = z.object({ job_ids: z.array(jobIdSchema).min(1).max(LIMITS.wsJobsPerConnection) });

/** Client to gateway. The first `subscribe` narrows the connection from everything to the named jobs. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('subscribe'), payload: jobIds }),
  z.object({ type: z.literal('unsubscribe'), payload: jobIds }),
  z.object({ type: z.literal('ping') }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

const answered = z.object({ job_ids: z.array(jobIdSchema) });

/** Gateway to client, beside the events: what the gateway itself has to say. */
export const controlMessageSchema = z.discriminatedUnion('type', [
  envelope(
    'welcome',
    z.object({
      connection_id: z.string(),
      heartbeat_ms: z.int().min(1),
      /** How often the gateway asks for jobs that fell silent. */
      poll_ms: z.int().min(1),
    }),
  ),
  envelope('subscribed', answered),
  envelope('unsubscribed', answered),
  envelope('pong', z.strictObject({})),
  envelope(
    'error',
    answered.extend({ code: z.enum(['job_not_found', 'too_many_jobs', 'unavailable']), message: z.string() }),
  ),
]);
export type ControlMessage = z.infer<typeof controlMessageSchema>;

/** Gateway to client: the events themselves, as they travel on the bus, and answers. */
export type ServerMessage = ParentJobProgressEvent | LifecycleEvent | ControlMessage;
