import { createArrivals, createGate, never } from './arrivals.ts';
import { newTenant, started } from './fixtures.ts';
import type { SuiteContext } from './harness.ts';

const topic = 'job_lifecycle';

export function describeHandlers(context: SuiteContext): void {
  describe('handlers', () => {
    test.each([
      [
        'throws',
        () => {
          throw new Error('boom');
        },
      ],
      ['rejects', () => Promise.reject(new Error('boom'))],
    ])(
      'one that %s harms neither the publisher nor another handler, and is counted and logged',
      async (_how, fail) => {
        const [publisher, receiver] = [await context.connect(), await context.connect()];
        const tenantId = newTenant();
        const others = createArrivals<string>();
        receiver.subscribe({ topic, tenantId }, fail);
        receiver.subscribe({ topic, tenantId }, (event) => others.push(event.type));
        await receiver.flush();

        publisher.publish({ tenantId, event: started() });
        await publisher.publishSync({ tenantId, event: started() });

        await others.atLeast(2);
        expect(receiver.counters.handlerErrors).toBe(2);
        expect(context.logged.map(({ level, message }) => [level, message])).toEqual([
          ['error', 'event handler failed'],
          ['error', 'event handler failed'],
        ]);
      },
    );

    test('one that never returns holds up neither others nor its own next events', async () => {
      const [publisher, receiver] = [await context.connect(), await context.connect()];
      const tenantId = newTenant();
      const hung = createArrivals<string>();
      const others = createArrivals<string>();
      receiver.subscribe({ topic, tenantId }, (event) => {
        hung.push(event.type);
        return never();
      });
      receiver.subscribe({ topic, tenantId }, (event) => others.push(event.type));
      await receiver.flush();

      publisher.publish({ tenantId, event: started() });
      publisher.publish({ tenantId, event: started() });
      await Promise.all([others.atLeast(2), hung.atLeast(2)]);
    });
  });

  describe('publishSync', () => {
    test('resolves when the handlers on every bus have ended', async () => {
      const [publisher, first, second] = [
        await context.connect(),
        await context.connect(),
        await context.connect(),
      ];
      const tenantId = newTenant();
      const gates = [first, second, publisher].map((bus) => {
        const called = createGate();
        const gate = createGate();
        bus.subscribe({ topic, tenantId }, () => {
          called.open();
          return gate.opened;
        });
        return { called, gate };
      });
      await Promise.all([first.flush(), second.flush(), publisher.flush()]);

      const swift = newTenant();
      first.subscribe({ topic, tenantId: swift }, () => {});
      await first.flush();
      let resolved = false;
      const sent = publisher.publishSync({ tenantId, event: started() }).then(() => {
        resolved = true;
      });
      for (const { called, gate } of gates) {
        await called.opened;
        // Long enough for a whole other one: nobody guesses from a silence that a handler has ended.
        await publisher.publishSync({ tenantId: swift, event: started() });
        expect(resolved).toBe(false);
        gate.open();
      }
      await sent;
    });

    test('resolves when nobody listens, or all have failed', async () => {
      const bus = await context.connect();
      const tenantId = newTenant();
      await bus.publishSync({ tenantId, event: started() });
      bus.subscribe({ topic, tenantId }, () => Promise.reject(new Error('boom')));
      await bus.flush();
      await bus.publishSync({ tenantId, event: started() });
    });

    test('rejects with timeout when a handler does not end', async () => {
      const [publisher, receiver] = [await context.connect(), await context.connect()];
      const tenantId = newTenant();
      receiver.subscribe({ topic, tenantId }, () => never());
      await receiver.flush();
      await expect(
        publisher.publishSync({ tenantId, event: started() }, { timeoutMs: 30 }),
      ).rejects.toMatchObject({ name: 'BusError', code: 'timeout', retryable: true });
    });
  });
}
