export { type BackupPoll, type BackupPollParts, createBackupPoll } from './backup-poll.ts';
export { type GatewayConfig, gatewayConfigSchema } from './config.ts';
export { createHub, type Hub } from './hub.ts';
export { createGateway, type GatewayParts } from './ws-gateway.ts';
