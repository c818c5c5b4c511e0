import type { ParsedWorkerRequest } from '@progeny/contract';
import { createArrivals, createGate, never } from './arrivals.ts';
import { claim, handlers, newJob } from './fixtures.ts';
import type { SuiteContext } from './harness.ts';

export function describeRequests(context: SuiteContext): void {
  describe('requests', () => {
    test('a request arrives with its defaults filled in, and the reply comes back typed', async () => {
      const [worker, manager] = [await context.connect(), await context.connect()];
      const asked = createArrivals<ParsedWorkerRequest<'heartbeat'>>();
      const lost = [newJob()];
      manager.serve(
        handlers({
          heartbeat: (request) => {
            asked.push(request);
            return Promise.resolve({ lost });
          },
        }),
      );
      await manager.flush();

      const children = [{ job_id: newJob(), attempt: 2 }];
      expect(await worker.request('heartbeat', { children })).toEqual({ lost });
      expect(asked.all).toEqual([{ children, lease_ms: 30_000 }]);
      expect(await worker.request('claim', claim())).toEqual({ children: [], parents: {} });
    });

    test('several who serve share the requests, each answered once', async () => {
      const worker = await context.connect();
      const managers = [await context.connect(), await context.connect()];
      const served = managers.map((bus) => {
        const arrivals = createArrivals<string>();
        bus.serve(
          handlers({
            claim: (request) => {
              arrivals.push(request.worker_id);
              return Promise.resolve({ children: [], parents: {} });
            },
          }),
        );
        return arrivals;
      });
      await Promise.all(managers.map((bus) => bus.flush()));

      const workers = Array.from({ length: 60 }, (_, index) => `w${index}`);
      await Promise.all(workers.map((worker_id) => worker.request('claim', { ...claim(), worker_id })));

      expect(served.flatMap(({ all }) => all).sort()).toEqual([...workers].sort());
      for (const { all } of served) expect(all.length).toBeGreaterThan(0);
    });

    test('nobody who serves is said at once, and so again when the last has gone', async () => {
      const [worker, manager] = [await context.connect(), await context.connect()];
      const nobody = expect.objectContaining({ name: 'BusError', code: 'no_responder', retryable: true });
      const ask = () => worker.request('claim', claim(), { timeoutMs: 60_000 });
      await expect(ask()).rejects.toEqual(nobody);

      const serving = manager.serve(handlers());
      await manager.flush();
      await ask();
      serving.unsubscribe();
      serving.unsubscribe();
      await manager.flush();
      await expect(ask()).rejects.toEqual(nobody);
    });

    test('no reply in time is a timeout', async () => {
      const [worker, manager] = [await context.connect(), await context.connect()];
      manager.serve(handlers({ claim: never }));
      await manager.flush();
      await expect(worker.request('claim', claim(), { timeoutMs: 30 })).rejects.toMatchObject({
        code: 'timeout',
        retryable: true,
      });
    });

    test.each([
      [
        'throws',
        (): never => {
          throw new Error('the disk\nis full');
        },
      ],
      ['rejects', () => Promise.reject(new Error('the disk\nis full'))],
    ])('a handler that %s is the remote failing, with its message', async (_how, fail) => {
      const [worker, manager] = [await context.connect(), await context.connect()];
      manager.serve(handlers({ claim: fail }));
      await manager.flush();
      await expect(worker.request('claim', claim())).rejects.toMatchObject({
        code: 'remote_failed',
        message: expect.stringMatching(/the disk\sis full/),
        retryable: false,
      });
      expect(manager.counters.handlerErrors).toBe(1);
      expect(context.logged).toMatchObject([{ level: 'error', fields: { endpoint: 'claim' } }]);
    });

    test('a handler that cannot do it now is unavailable, which is no fault of its own', async () => {
      const [worker, manager] = [await context.connect(), await context.connect()];
      const away = Object.assign(new Error('the database is away'), { retryable: true });
      manager.serve(handlers({ claim: () => Promise.reject(away) }));
      await manager.flush();
      await expect(worker.request('claim', claim())).rejects.toMatchObject({
        code: 'unavailable',
        message: 'the database is away',
        retryable: true,
      });
      expect(manager.counters.handlerErrors).toBe(0);
      expect(context.logged).toEqual([]);
    });

    test('a handler that refuses is no fault: whoever asks is told why, by a stable code', async () => {
      const [worker, manager] = [await context.connect(), await context.connect()];
      const ended = Object.assign(new Error('the job has ended'), { code: 'job_ended' });
      manager.serve(handlers({ claim: () => Promise.reject(ended) }));
      await manager.flush();
      await expect(worker.request('claim', claim())).rejects.toMatchObject({
        code: 'refused',
        message: 'job_ended: the job has ended',
        retryable: false,
      });
      expect(manager.counters.handlerErrors).toBe(0);
      expect(context.logged).toEqual([]);
    });

    test('an invalid request never reaches the handler', async () => {
      const [worker, manager] = [await context.connect(), await context.connect()];
      let calls = 0;
      manager.serve(
        handlers({
          claim: () => {
            calls += 1;
            return Promise.resolve({ children: [], parents: {} });
          },
        }),
      );
      await manager.flush();
      await expect(worker.request('claim', { ...claim(), limit: 0 })).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('limit'),
        retryable: false,
      });
      expect(calls).toBe(0);
      expect(manager.counters.handlerErrors).toBe(0);
    });

    test('a reply that is not of its shape is the remote failing', async () => {
      const [worker, manager] = [await context.connect(), await context.connect()];
      manager.serve(handlers({ heartbeat: () => Promise.resolve({ lost: ['no uuid'] }) }));
      await manager.flush();
      const children = [{ job_id: newJob(), attempt: 1 }];
      await expect(worker.request('heartbeat', { children })).rejects.toMatchObject({
        code: 'remote_failed',
      });
    });

    test('a slow request holds up no other', async () => {
      const [worker, manager] = [await context.connect(), await context.connect()];
      const gate = createGate();
      const empty = { children: [], parents: {} };
      manager.serve(
        handlers({
          claim: ({ limit }) => (limit === 1 ? gate.opened.then(() => empty) : Promise.resolve(empty)),
        }),
      );
      await manager.flush();
      const slow = worker.request('claim', { ...claim(), limit: 1 });
      await worker.request('claim', { ...claim(), limit: 2 });
      gate.open();
      await slow;
    });
  });
}
