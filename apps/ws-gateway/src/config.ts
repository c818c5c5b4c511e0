import { LIMITS } from '@progeny/contract';
import { authConfig, authRules, commonConfig, configField, databaseConfig } from '@progeny/kit';
import { z } from 'zod';

export const gatewayConfigSchema = z
  .object({
    ...commonConfig,
    ...databaseConfig,
    ...authConfig,
    GATEWAY_PORT: configField.port(4001).describe('Port of WebSocket and server-sent events'),
    MAX_CONNECTIONS: configField.count(20_000).describe('Most clients at once; more are sent away with 503'),
    HEARTBEAT_INTERVAL_MS: configField
      .durationMs(15_000)
      .describe('A socket that was not pinged for this long is pinged'),
    PONG_TIMEOUT_MS: configField
      .durationMs(LIMITS.wsPongSeconds * 1_000)
      .describe('A socket that has not answered a ping for this long is closed'),
    POLL_INTERVAL_MS: configField
      .durationMs(30_000)
      .describe('A watched job that is silent is read from the database before this long has passed'),
    DRAIN_TIME_MS: configField
      .durationMs(5_000)
      .describe(
        'On a stop clients are sent away one by one over this time, so that they come back one by one',
      ),
  })
  .check(authRules);
export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
