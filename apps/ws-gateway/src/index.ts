export { type GatewayConfig, gatewayConfigSchema } from './config.ts';
export { Frame } from './hub/frame.ts';
export { createHub, type Hub } from './hub/hub.ts';
export type { Reader } from './hub/reader.ts';
export { type BackupPoll, type BackupPollParts, createBackupPoll } from './poll/backup-poll.ts';
export { createGateway, type GatewayParts } from './ws-gateway.ts';
