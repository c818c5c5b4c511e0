import type { Topic } from '@progeny/contract';
import type { EventBus, EventHandler, SubscribeOptions, Subscription } from '@progeny/event-bus';

/**
 * A connection to the bus on which nothing happens by itself: a subscribe stands when the server has taken it, and what
 * is published arrives one message at a time, in order. A flush resolves behind all that was under way, as on NATS.
 */
export function createScheduledBus(server: EventBus) {
  const commands: (() => void)[] = [];
  const arriving: (() => void)[] = [];

  const bus: EventBus = {
    ...server,
    get state() {
      return server.state;
    },
    subscribe<T extends Topic>({ skip, ...filter }: SubscribeOptions<T>, handler: EventHandler<T>) {
      let isWanted = true;
      let standing: Subscription | undefined;
      commands.push(() => {
        standing = server.subscribe(filter, (event, delivery) => {
          arriving.push(() => {
            if (isWanted && !skip?.(delivery)) void handler(event, delivery);
          });
        });
      });
      return {
        unsubscribe() {
          isWanted = false;
          commands.push(() => standing?.unsubscribe());
        },
      };
    },
    flush: () => new Promise<void>((resolve) => void commands.push(() => void arriving.push(resolve))),
  };

  const next = (queue: (() => void)[]) => () => {
    const task = queue.shift();
    task?.();
    return task !== undefined;
  };
  return {
    bus,
    /** The server takes the next command; false when there is none. */
    serve: next(commands),
    /** The next message reaches the gateway; false when there is none. */
    arrive: next(arriving),
  };
}
