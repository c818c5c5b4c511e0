import { commonConfig, configField, databaseConfig } from '@progeny/kit';
import { z } from 'zod';

export const managerConfigSchema = z.object({
  ...commonConfig,
  ...databaseConfig,
  MANAGER_PORT: configField.port(4000),
  /** Where the page opens its socket. */
  GATEWAY_URL: configField.url(/^wss?$/).default('ws://127.0.0.1:4001/ws'),
  /** A site that the page offers to crawl at a click. */
  DEMO_URL: configField.url(/^https?$/).optional(),
  /** The built page; left out, the manager serves its API alone. */
  WEB_DIST: z.string().optional(),
  /** How often expired leases are looked for. */
  REAP_INTERVAL_MS: configField.durationMs(5_000),
});
export type ManagerConfig = z.infer<typeof managerConfigSchema>;
