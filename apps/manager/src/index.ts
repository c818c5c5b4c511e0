export { type ManagerConfig, managerConfigSchema } from './config.ts';
export { createManager, type ManagerParts } from './manager.ts';
