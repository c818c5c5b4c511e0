export { ConfigError, commonConfig, configField, databaseConfig, readConfig } from './config.ts';
export { createService, type OnStop } from './create-service.ts';
export { checkHealth, type Health, type HealthCheck } from './health.ts';
export { closeServer, listen, PortTakenError } from './listen.ts';
export { createLog, type Log } from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { createOpsHandler, createOpsServer, type OpsHandler, type OpsServer } from './ops.ts';
export { type Periodic, runEvery } from './periodic.ts';
export { runService, type Service, STOP_DEADLINE_MS } from './service.ts';
