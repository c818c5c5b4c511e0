import type { Delivery } from './history.ts';

/** Messages on their way, which arrive in any order, twice or never, but for those of one line. */
export interface Wire<Message> {
  put(message: Message): void;
  /** The message with this number, modulo those under way; undefined when nothing arrives. */
  take(number: number, delivery: Delivery): Message | undefined;
  /** Everything that is under way, in the order in which it was put in; nothing is left. */
  takeAll(): Message[];
}

/** `lineOf`: messages of one line arrive in their order; those of none, in any. */
export function createWire<Message>(lineOf: (message: Message) => string | null = () => null): Wire<Message> {
  const underWay: Message[] = [];
  const firstLike = (at: number): number => {
    const [message] = underWay.slice(at);
    const line = message === undefined ? null : lineOf(message);
    return line === null ? at : underWay.findIndex((other) => lineOf(other) === line);
  };
  return {
    put: (message) => void underWay.push(message),
    take(number, delivery) {
      const at = firstLike(number % Math.max(1, underWay.length));
      const message = underWay[at];
      if (delivery !== 'doubled') underWay.splice(at, 1);
      return delivery === 'lost' ? undefined : message;
    },
    takeAll: () => underWay.splice(0),
  };
}
