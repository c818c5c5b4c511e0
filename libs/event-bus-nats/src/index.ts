export { connectNatsEventBus, type NatsEventBus, type NatsEventBusOptions } from './nats-event-bus.ts';
export { ensureStreams, STREAMS } from './streams.ts';
