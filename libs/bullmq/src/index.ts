export { attachBullMQ } from './attach-bullmq.ts';
export {
  type AnyJob,
  type AnyQueue,
  type AnyWorker,
  type AttachOptions,
  type BridgeCounters,
  type BullMQBridge,
  RepairError,
} from './bridge.ts';
