import { commonConfig, configField, databaseConfig } from '@progeny/kit';
import { z } from 'zod';

export const executorConfigSchema = z.object({
  ...commonConfig,
  ...databaseConfig,
  EXECUTOR_PORT: configField.port(4002).describe('Port of health and metrics'),
  FOLD_INTERVAL_MS: configField
    .durationMs(100)
    .describe('Shortest time between two folds of one parent; the first is never delayed'),
  FOLD_POLL_INTERVAL_MS: configField
    .durationMs(5_000)
    .describe('How often parents are looked for that no event told of'),
  AUDIT_INTERVAL_MS: configField.durationMs(30_000).describe('How often counts are compared with the rows'),
});
export type ExecutorConfig = z.infer<typeof executorConfigSchema>;
