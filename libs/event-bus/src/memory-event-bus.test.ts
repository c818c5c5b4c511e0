import { describeEventBusContract } from './contract-suite.ts';
import { createMemoryEventBus } from './memory-event-bus.ts';
import { createMemoryHub } from './memory-hub.ts';

describeEventBusContract(
  'the memory bus',
  async () => {
    const hub = createMemoryHub();
    return {
      connect: (options) => Promise.resolve(createMemoryEventBus({ hub, ...options })),
      sendRaw: (subject, text) => {
        hub.inject(subject, text);
        return Promise.resolve();
      },
      assertNothingLeft: () => {
        expect(hub.subscribers.size + hub.servers.size).toBe(0);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  },
  { restart: false },
);
