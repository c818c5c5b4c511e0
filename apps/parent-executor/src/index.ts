export { type ExecutorConfig, executorConfigSchema } from './config.ts';
export { createParentExecutor, type ExecutorParts } from './parent-executor.ts';
export { publishFold } from './publish-fold.ts';
export { publishSweep } from './publish-sweep.ts';
