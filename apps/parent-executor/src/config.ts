import { commonConfig, configField, databaseConfig } from '@progeny/kit';
import { z } from 'zod';

export const executorConfigSchema = z.object({
  ...commonConfig,
  ...databaseConfig,
  /** Health and metrics only. */
  EXECUTOR_PORT: configField.port(4002),
  /** The shortest time between two folds of one parent; the first is never delayed. */
  FOLD_INTERVAL_MS: configField.durationMs(100),
  /** How often parents are looked for that no event told of. */
  POLL_INTERVAL_MS: configField.durationMs(30_000),
  /** How often counts are compared with the rows. */
  AUDIT_INTERVAL_MS: configField.durationMs(30_000),
});
export type ExecutorConfig = z.infer<typeof executorConfigSchema>;
