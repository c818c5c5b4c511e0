import type { Delivery } from './history.ts';

/** Messages on their way, which arrive in any order, twice or never. */
export interface Wire<Message> {
  put(message: Message): void;
  /** The message with this number, modulo those under way; undefined when nothing arrives. */
  take(number: number, delivery: Delivery): Message | undefined;
  /** Everything that is under way, in the order in which it was put in; nothing is left. */
  takeAll(): Message[];
}

export function createWire<Message>(): Wire<Message> {
  const underWay: Message[] = [];
  return {
    put: (message) => void underWay.push(message),
    take(number, delivery) {
      const at = number % Math.max(1, underWay.length);
      const message = underWay[at];
      if (delivery !== 'doubled') underWay.splice(at, 1);
      return delivery === 'lost' ? undefined : message;
    },
    takeAll: () => underWay.splice(0),
  };
}
