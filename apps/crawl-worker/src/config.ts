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
  MANAGER_URL: configField
    .url(/^https?$/)
    .default('http://127.0.0.1:4000')
    .describe('Where the manager is asked while it does not answer on the bus'),
  MANAGER_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'is not a token')
    .optional()
    .describe('Token with the role `worker` that the manager asks for there, when its AUTH is jwt'),
  WORKER_PORT: configField.port(4003).describe('Port of health and metrics'),
  WORKER_CONCURRENCY: count(8, 256).describe('Pages that the worker has in hand at a time'),
  WORKER_HOST_CONCURRENCY: count(4, 256).describe('Of these, requests to one host at a time'),
  WORKER_LEASE_MS: z.coerce
    .number({ error: 'is not a number' })
    .int('is not a whole number')
    .min(1_000, 'is below 1000')
    .max(600_000, 'is above 600000')
    .default(30_000)
    .describe('How long a page stays with a worker that is not heard of'),
  WORKER_DRAIN_MS: configField
    .durationMs(4_000)
    .describe('When the worker stops: time for what is being fetched, before it is handed back'),
  FETCH_TIMEOUT_MS: configField.durationMs(15_000).describe('For one page, from robots.txt to the last byte'),
  PAGE_MAX_BYTES: count(2 * 1024 * 1024, 64 * 1024 * 1024).describe(
    'Size of one page after decompression; beyond it the page fails with too_large',
  ),
  USER_AGENT: z
    .string()
    .regex(/^[\w-]+\/[\x20-\x7e]+$/, 'is not of the form Name/1.0 (+contact)')
    .default('ProgenyBot/0.1 (+set USER_AGENT to say whom to contact)')
    .describe('How the crawler names itself; robots.txt knows it by the word before the slash'),
  // On by default: Progeny listens on loopback only, and so does its demo site.
  ALLOW_PRIVATE_HOSTS: z
    .stringbool({ error: 'is not true or false' })
    .default(true)
    .describe(
      'Whether loopback, private and link-local addresses are fetched; turn it off before strangers start crawls',
    ),
});
export type CrawlWorkerConfig = z.infer<typeof crawlWorkerConfigSchema>;
