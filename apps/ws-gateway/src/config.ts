import { commonConfig, configField, databaseConfig } from '@progeny/kit';
import { z } from 'zod';

export const gatewayConfigSchema = z.object({
  ...commonConfig,
  ...databaseConfig,
  GATEWAY_PORT: configField.port(4001).describe('Port of WebSocket and server-sent events'),
  HEARTBEAT_INTERVAL_MS: configField
    .durationMs(15_000)
    .describe('How often a socket is pinged; one that has not answered by the next ping is closed'),
  POLL_INTERVAL_MS: configField
    .durationMs(30_000)
    .describe('A watched job that is silent is read from the database before this long has passed'),
});
export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
