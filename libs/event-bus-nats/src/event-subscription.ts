import { parseSubject, type Topic } from '@progeny/contract';
import {
  type BusLog,
  decodeEvent,
  type EventHandler,
  encodeFilter,
  type HandlerRunner,
  type Headers,
  type SubscribeOptions,
} from '@progeny/event-bus';
import type { Msg, MsgHdrs, NatsConnection, Subscription } from 'nats';
import type { Standing } from './standing.ts';
import { handleWithReceipt, wantsReceipt } from './sync-publishing.ts';

const NO_HEADERS: Headers = Object.freeze({});

/** Throws BusError `invalid_subject` for a filter that would match something else. */
export function createEventSubscription<T extends Topic>({
  filter,
  handler,
  runner,
  log,
  onInvalid,
}: {
  filter: SubscribeOptions<T>;
  handler: EventHandler<T>;
  runner: HandlerRunner;
  log: BusLog;
  onInvalid(subject: string): void;
}): Standing {
  const { topic, queue, skip } = filter;
  const subjects = encodeFilter(filter);
  let subscriptions: Subscription[] = [];

  const receive = (msg: Msg) => {
    const subject = parseSubject(msg.subject);
    if (!subject) return onInvalid(msg.subject);
    if (skip?.(subject)) return;
    const event = decodeEvent(topic, msg.string());
    if (!event) return onInvalid(msg.subject);
    const delivery = { ...subject, headers: msg.headers ? plainHeaders(msg.headers) : NO_HEADERS };
    const handle = () => handler(event, delivery);
    void runner.run(subject, wantsReceipt(msg) ? () => handleWithReceipt(msg, handle) : handle);
  };

  return {
    attach(nc: NatsConnection) {
      subscriptions = subjects.map((subject) =>
        nc.subscribe(subject, {
          ...(queue === undefined ? {} : { queue }),
          callback: (error, msg) => {
            if (error) log.error({ err: error, subject }, 'NATS refused a subscription');
            else receive(msg);
          },
        }),
      );
    },
    async drain() {
      await Promise.all(subscriptions.map((subscription) => subscription.drain()));
    },
    end() {
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
}

function plainHeaders(headers: MsgHdrs): Headers {
  return Object.freeze(Object.fromEntries([...headers].map(([name, values]) => [name, values[0] ?? ''])));
}
