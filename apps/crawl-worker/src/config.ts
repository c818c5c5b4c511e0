import { commonConfig, configField } from '@progeny/kit';
import { z } from 'zod';

const count = (byDefault: number, max: number) =>
  z.coerce
    .number({ error: 'is not a number' })
    .int('is not a whole number')
    .min(1, 'is not above 0')
    .max(max, `is above ${max}`)
    .default(byDefault);

export const crawlWorkerConfigSchema = z.object({
  ...commonConfig,
  WORKER_PORT: configField.port(4003),
  /** Pages that this worker has in hand at a time. */
  WORKER_CONCURRENCY: count(8, 256),
  /** Of these, requests to one host at a time. */
  WORKER_HOST_CONCURRENCY: count(4, 256),
  /** How long a page stays this worker's when it is not heard of. */
  WORKER_LEASE_MS: z.coerce
    .number({ error: 'is not a number' })
    .int('is not a whole number')
    .min(1_000, 'is below 1000')
    .max(600_000, 'is above 600000')
    .default(30_000),
  /** When the worker stops: time for what is being fetched, before it is handed back. */
  WORKER_DRAIN_MS: configField.durationMs(4_000),
  /** One page, from robots.txt to the last byte. */
  FETCH_TIMEOUT_MS: configField.durationMs(15_000),
  /** After decompression. */
  PAGE_MAX_BYTES: count(2 * 1024 * 1024, 64 * 1024 * 1024),
  /** Its first word, up to the slash, is the name that robots.txt knows the crawler by. */
  USER_AGENT: z
    .string()
    .regex(/^[\w-]+\/[\x20-\x7e]+$/, 'is not of the form Name/1.0 (+contact)')
    .default('ProgenyBot/0.1 (+set USER_AGENT to say whom to contact)'),
  /**
   * Off, the crawler refuses loopback, private and link-local addresses, checked on the connection itself. On by
   * default, since Progeny listens on loopback only and its demo site does too; turn it off before strangers may
   * start crawls.
   */
  ALLOW_PRIVATE_HOSTS: z.stringbool({ error: 'is not true or false' }).default(true),
});
export type CrawlWorkerConfig = z.infer<typeof crawlWorkerConfigSchema>;
