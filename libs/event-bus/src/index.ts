export { BusError, type BusErrorCode } from './bus-error.ts';
export { DEFAULT_TIMEOUT_MS, DRAIN_LIMIT_MS } from './bus-limits.ts';
export { type BusLog, createQuietWarning, SILENT_LOG } from './bus-log.ts';
export { changePublications, headersOf } from './change-publications.ts';
export type {
  BusCounters,
  BusOutage,
  BusState,
  Delivery,
  EventBus,
  EventHandler,
  Headers,
  Publication,
  RequestHandlers,
  SubscribeOptions,
  Subscription,
} from './event-bus.ts';
export { decodeEvent, type EncodedEvent, encodeEvent, encodeFilter } from './event-codec.ts';
export { createHandlerRunner, type HandlerRunner } from './handler-runner.ts';
export { createMemoryEventBus, type MemoryEventBusOptions } from './memory-event-bus.ts';
export { createMemoryHub, type MemoryHub } from './memory-hub.ts';
export { type Answer, answerRequest, decodeReply, encodeRequest } from './request-codec.ts';
export { withTimeout } from './with-timeout.ts';
