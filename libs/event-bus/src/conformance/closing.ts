import { createArrivals, createGate, never } from './arrivals.ts';
import { claim, handlers, newJob, newTenant, started } from './fixtures.ts';
import type { SuiteContext } from './harness.ts';

const topic = 'job_lifecycle';

export function describeClosing(context: SuiteContext): void {
  describe('close', () => {
    test('may be called twice and at once', async () => {
      const bus = await context.connect();
      expect(bus.state).toBe('connected');
      await Promise.all([bus.close(), bus.close()]);
      await bus.close();
      expect(bus.state).toBe('closed');
    });

    test('lets what was published before leave', async () => {
      const [publisher, receiver] = [await context.connect(), await context.connect()];
      const tenantId = newTenant();
      const arrived = createArrivals<string>();
      receiver.subscribe({ topic, tenantId }, (event) => arrived.push(event.payload.job_id));
      await receiver.flush();
      const jobs = Array.from({ length: 1_000 }, newJob);
      for (const job of jobs) publisher.publish({ tenantId, event: started(job) });
      await publisher.close();
      expect(await arrived.atLeast(1_000)).toEqual(jobs);
    });

    test('waits for running handlers, and what they publish leaves', async () => {
      const [publisher, closing, watcher] = [
        await context.connect(),
        await context.connect(),
        await context.connect(),
      ];
      const [tenantId, answerTenant] = [newTenant(), newTenant()];
      const [called, gate] = [createGate(), createGate()];
      const answers = createArrivals<string>();
      let calls = 0;
      watcher.subscribe({ topic, tenantId: answerTenant }, (event) => answers.push(event.payload.job_id));
      closing.subscribe({ topic, tenantId }, async (event) => {
        calls += 1;
        called.open();
        await gate.opened;
        closing.publish({ tenantId: answerTenant, event });
      });
      await Promise.all([watcher.flush(), closing.flush()]);

      const event = started();
      publisher.publish({ tenantId, event });
      await called.opened;
      let isClosed = false;
      const closed = closing.close().then(() => {
        isClosed = true;
      });
      // More round trips than a close without anything to wait for would take.
      for (let trip = 0; trip < 20; trip += 1) await publisher.flush();
      expect(isClosed).toBe(false);
      gate.open();
      await closed;
      publisher.publish({ tenantId, event });
      await publisher.flush();

      expect(await answers.atLeast(1)).toEqual([event.payload.job_id]);
      expect(calls).toBe(1);
      expect(closing.counters).toEqual({ unsent: 0, invalid: 0, handlerErrors: 0 });
    });

    test('lets a request that runs be answered, and takes no other', async () => {
      const [worker, manager] = [await context.connect(), await context.connect()];
      const [called, gate] = [createGate(), createGate()];
      manager.serve(
        handlers({
          claim: async () => {
            called.open();
            await gate.opened;
            return { children: [], parents: {} };
          },
        }),
      );
      await manager.flush();
      const reply = worker.request('claim', claim());
      await called.opened;
      const closed = manager.close();
      gate.open();
      expect(await reply).toEqual({ children: [], parents: {} });
      await closed;
      await expect(worker.request('claim', claim())).rejects.toMatchObject({ code: 'no_responder' });
    });

    test('is not held up for ever by a handler that never returns', async () => {
      const bus = await context.connect();
      const tenantId = newTenant();
      const called = createGate();
      bus.subscribe({ topic, tenantId }, () => {
        called.open();
        return never();
      });
      await bus.flush();
      bus.publish({ tenantId, event: started() });
      await called.opened;
      await bus.close();
      expect(bus.state).toBe('closed');
      expect(context.logged).toMatchObject([{ level: 'warn', fields: { running: 1 } }]);
    });

    test('a bus that stood all the time never says that it is connected again', async () => {
      const bus = await context.connect();
      let calls = 0;
      bus.onConnected(() => {
        calls += 1;
      });
      await bus.publishSync({ tenantId: newTenant(), event: started() });
      await bus.close();
      expect(calls).toBe(0);
    });

    test('what is published afterwards is counted, logged once and thrown at nobody', async () => {
      const bus = await context.connect();
      const tenantId = newTenant();
      await bus.close();
      for (let count = 0; count < 10; count += 1) bus.publish({ tenantId, event: started() });
      expect(bus.counters.unsent).toBe(10);
      expect(context.logged).toMatchObject([{ level: 'warn', message: 'event not sent' }]);

      const unavailable = expect.objectContaining({ name: 'BusError', code: 'unavailable' });
      await expect(bus.publishSync({ tenantId, event: started() })).rejects.toEqual(unavailable);
      expect(bus.counters.unsent).toBe(11);
      await expect(bus.request('claim', claim())).rejects.toEqual(unavailable);
      await expect(bus.flush()).rejects.toEqual(unavailable);
      expect(() => bus.subscribe({ topic }, () => {})).toThrow(unavailable);
      expect(() => bus.serve(handlers())).toThrow(unavailable);
      expect(() => bus.onConnected(() => {})).toThrow(unavailable);
    });
  });
}
