export { type GatewayConfig, gatewayConfigSchema } from './config.ts';
export { createGateway, type GatewayParts } from './ws-gateway.ts';
