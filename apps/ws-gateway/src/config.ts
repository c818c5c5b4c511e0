import { commonConfig, configField, databaseConfig } from '@progeny/kit';
import { z } from 'zod';

export const gatewayConfigSchema = z.object({
  ...commonConfig,
  ...databaseConfig,
  GATEWAY_PORT: configField.port(4001),
  /** A socket without a pong for two of these is closed. */
  HEARTBEAT_INTERVAL_MS: configField.durationMs(15_000),
  /** A watched job that was silent for this long is read from the database. */
  POLL_INTERVAL_MS: configField.durationMs(30_000),
});
export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
