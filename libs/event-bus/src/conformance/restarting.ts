import type { EventBus } from '../event-bus.ts';
import { createArrivals, until } from './arrivals.ts';
import { claim, handlers, newJob, newTenant, started } from './fixtures.ts';
import type { BusHarness, SuiteContext } from './harness.ts';

const topic = 'job_lifecycle';
const TEST_LIMIT_MS = 30_000;

export function describeRestarting(context: SuiteContext): void {
  describe('when the broker stops and starts again', () => {
    test(
      'subscriptions and servers work again, and nothing sent meanwhile was kept',
      async () => {
        const [here, there] = [await context.connect(), await context.connect()];
        const tenantId = newTenant();
        const before = createArrivals<string>();
        const meanwhile = createArrivals<string>();
        const dropped = createArrivals<string>();
        there.subscribe({ topic, tenantId }, (event) => before.push(event.payload.job_id));
        const gone = there.subscribe({ topic, tenantId }, (event) => dropped.push(event.payload.job_id));
        there.serve(handlers());
        await there.flush();

        await stopped(context.broker, [here, there]);
        gone.unsubscribe();
        there.subscribe({ topic, tenantId }, (event) => meanwhile.push(event.payload.job_id));
        for (let count = 0; count < 1_000; count += 1) here.publish({ tenantId, event: started() });
        await startedAgain(context.broker, [here, there]);

        const job = newJob();
        here.publish({ tenantId, event: started(job) });
        expect(await before.atLeast(1)).toEqual([job]);
        expect(await meanwhile.atLeast(1)).toEqual([job]);
        expect(dropped.all).toEqual([]);
        expect(here.counters.unsent).toBe(1_000);
        expect(await here.request('claim', claim())).toEqual({ children: [], parents: {} });
      },
      TEST_LIMIT_MS,
    );

    test(
      'whoever listens is told that the bus is back, when all subscriptions stand again',
      async () => {
        const [here, there] = [await context.connect(), await context.connect()];
        const tenantId = newTenant();
        const arrived = createArrivals<string>();
        const times = createArrivals<string>();
        there.subscribe({ topic, tenantId }, (event) => arrived.push(event.payload.job_id));
        const job = newJob();
        there.onConnected(() => {
          throw new Error('a listener that fails harms no other');
        });
        there.onConnected(() => times.push('there'));
        const gone = there.onConnected(() => times.push('gone'));
        gone.unsubscribe();
        await stopped(context.broker, [here, there]);
        expect(times.all).toEqual([]);

        await startedAgain(context.broker, [here, there]);
        await times.atLeast(1);
        here.publish({ tenantId, event: started(job) });
        expect(await arrived.atLeast(1)).toEqual([job]);
        expect(times.all).toEqual(['there']);
        expect(there.counters.handlerErrors).toBe(1);

        await stopped(context.broker, [here, there]);
        await startedAgain(context.broker, [here, there]);
        expect(await times.atLeast(2)).toEqual(['there', 'there']);
      },
      TEST_LIMIT_MS,
    );

    test(
      'whoever waits for an answer meanwhile is told that the bus is unavailable',
      async () => {
        const bus = await context.connect();
        await stopped(context.broker, [bus]);
        const unavailable = expect.objectContaining({ code: 'unavailable', retryable: true });
        await expect(bus.request('claim', claim())).rejects.toEqual(unavailable);
        await expect(bus.publishSync({ tenantId: newTenant(), event: started() })).rejects.toEqual(
          unavailable,
        );
        await expect(bus.flush()).rejects.toEqual(unavailable);
        await startedAgain(context.broker, [bus]);
      },
      TEST_LIMIT_MS,
    );

    test(
      'a bus can be closed meanwhile',
      async () => {
        const bus = await context.connect();
        await stopped(context.broker, [bus]);
        await bus.close();
        expect(bus.state).toBe('closed');
        await startedAgain(context.broker, []);
      },
      TEST_LIMIT_MS,
    );
  });
}

async function stopped({ restart }: BusHarness, buses: EventBus[]): Promise<void> {
  await restart?.stop();
  await until(() => buses.every((bus) => bus.state === 'reconnecting'));
}

async function startedAgain({ restart }: BusHarness, buses: EventBus[]): Promise<void> {
  await restart?.start();
  await until(() => buses.every((bus) => bus.state === 'connected'));
  await Promise.all(buses.map((bus) => bus.flush()));
}
