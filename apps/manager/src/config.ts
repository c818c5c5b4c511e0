import { authConfig, authRules, commonConfig, configField, databaseConfig } from '@progeny/kit';
import { z } from 'zod';

/** A hundred years, about. */
const RETENTION_MAX_DAYS = 36_500;

export const managerConfigSchema = z
  .object({
    ...commonConfig,
    ...authConfig,
    ...databaseConfig,
    MANAGER_PORT: configField.port(4000).describe('Port of the API and the page'),
    GATEWAY_URL: configField
      .url(/^wss?$/)
      .default('ws://127.0.0.1:4001/ws')
      .describe('Where the page opens its socket'),
    DEMO_URL: configField
      .url(/^https?$/)
      .optional()
      .describe('A site that the page offers to crawl at a click'),
    WEB_DIST: z.string().optional().describe('Folder of the built page; left out, the API is served alone'),
    REAP_INTERVAL_MS: configField
      .durationMs(5_000)
      .describe(
        'How often expired leases, deadlines, parents that nobody seals and deleted jobs are looked for',
      ),
    SEAL_TIMEOUT_MS: configField
      .durationMs(3_600_000)
      .describe('An unsealed job fails when nothing of it is open and nothing happened for this long'),
    RETENTION_DAYS: z.coerce
      .number({ error: 'is not a number' })
      .positive('is not above 0')
      .max(RETENTION_MAX_DAYS, `is above ${RETENTION_MAX_DAYS}`)
      .optional()
      .describe(
        'Ended jobs are deleted when they ended longer ago than this; left out, they are kept for ever',
      ),
  })
  .check(authRules);
export type ManagerConfig = z.infer<typeof managerConfigSchema>;
