export { type Installation, type InstallLog, installDebianPackage } from './apt-package.ts';
export { findChromium, installChromium } from './chromium.ts';
export { createMigration } from './create-migration.ts';
export { findNatsServer } from './find-nats-server.ts';
export { freePort, isPortFree } from './free-port.ts';
export { installNatsServer } from './install-nats-server.ts';
export { type MigrateOptions, MigrationError, type MigrationErrorCode, migrate } from './migrate.ts';
export { isNatsAnswering } from './nats-answering.ts';
export {
  type NatsServer,
  NatsServerError,
  type NatsServerErrorCode,
  type ServerExit,
  type StartNatsServerOptions,
  startNatsServer,
} from './nats-server.ts';
export { withClient } from './postgres-database.ts';
export { PostgresError, type PostgresErrorCode } from './postgres-error.ts';
export {
  type PostgresServer,
  removePostgresData,
  type StartPostgresOptions,
  startPostgresServer,
} from './postgres-server.ts';
export { commandOf, endProcess } from './process-table.ts';
export {
  findRedisServer,
  installRedisServer,
  RedisError,
  type RedisServer,
  startRedisServer,
} from './redis-server.ts';
export { type Consumer, installPacked } from './testing/install-packed.ts';
export { createLineWatch, type LineWatch, type LogLine } from './testing/line-watch.ts';
export { type Neighbours, startNeighbours } from './testing/neighbours.ts';
export { openTcpGate, type TcpGate } from './testing/tcp-gate.ts';
export { createTestDatabase, type TestDatabase } from './testing/test-database.ts';
export { workspaceRoot } from './workspace-root.ts';
