export { authConfig, authRules } from './auth-config.ts';
export {
  ConfigError,
  commonConfig,
  configField,
  databaseConfig,
  readConfig,
  TIMER_MAX_MS,
} from './config.ts';
export { createService, type OnStop } from './create-service.ts';
export { checkHealth, connectedCheck, type Health, type HealthCheck } from './health.ts';
export { closeServer, listen, PortTakenError } from './listen.ts';
export { createLog, type Log, type LogOptions, type PlainLog } from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { createOpsHandler, createOpsServer, type OpsHandler, type OpsServer } from './ops.ts';
export { createOutage, isTransient, type Outage, type OutageOptions, watchCalls } from './outage.ts';
export { keepAsking, type Periodic, runEvery } from './periodic.ts';
export { createPlaces, type Places } from './places.ts';
export { runService, type Service, STOP_DEADLINE_MS } from './service.ts';
