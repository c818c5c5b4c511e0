export { BusError, type BusErrorCode } from './bus-error.ts';
export type {
  BusCounters,
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
