import { commonConfig, configField, databaseConfig } from '@progeny/kit';
import { z } from 'zod';

export const managerConfigSchema = z.object({
  ...commonConfig,
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
  REAP_INTERVAL_MS: configField.durationMs(5_000).describe('How often expired leases are looked for'),
});
export type ManagerConfig = z.infer<typeof managerConfigSchema>;
