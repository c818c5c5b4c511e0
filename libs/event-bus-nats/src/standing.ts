import type { NatsConnection } from 'nats';

/** What stands on the connection until it is ended: a subscription, or a service. */
export interface Standing {
  /** Once, when there is a connection for the first time. The client restores it after a reconnect. */
  attach(connection: NatsConnection): void | Promise<void>;
  /** Takes nothing new; resolves when what was routed here before has been handed over. */
  drain(): Promise<void>;
  /** From here on nothing is handed over, and `attach` is not called any more. */
  end(): void;
}
