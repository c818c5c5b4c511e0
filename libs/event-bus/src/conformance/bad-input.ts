import type { ProgenyEvent } from '@progeny/contract';
import { createArrivals } from './arrivals.ts';
import { malformed, newJob, newTenant, progress, started, statusChange } from './fixtures.ts';
import type { SuiteContext } from './harness.ts';

export function describeBadInput(context: SuiteContext): void {
  describe('bad input', () => {
    test('an event that is not of its shape is refused at the publisher', async () => {
      const bus = await context.connect();
      const tenantId = newTenant();
      const arrived = createArrivals<ProgenyEvent>();
      bus.subscribe({ topic: 'job_status_change', tenantId }, (event) => arrived.push(event));
      await bus.flush();

      const refused = expect.objectContaining({ name: 'BusError', code: 'invalid_event', retryable: false });
      expect(() => bus.publish({ tenantId, event: malformed() })).toThrow(refused);
      await expect(bus.publishSync({ tenantId, event: malformed() })).rejects.toEqual(refused);
      const unknown = { ...statusChange(), type: 'JOB_EXPLODED' } as unknown as ProgenyEvent;
      expect(() => bus.publish({ tenantId, event: unknown })).toThrow(refused);

      const good = statusChange();
      bus.publish({ tenantId, event: good });
      expect(await arrived.atLeast(1)).toEqual([good]);
      expect(bus.counters).toEqual({ unsent: 0, invalid: 0, handlerErrors: 0 });
    });

    test.each([
      ['a line break in a value', { trace: 'a\r\nInjected: b' }],
      ['a name with a colon', { 'a:b': 'c' }],
      ['an empty name', { '': 'c' }],
      ['a value that would be trimmed', { trace: ' a' }],
    ])('%s is refused as a header', async (_what, headers) => {
      const bus = await context.connect();
      expect(() => bus.publish({ tenantId: newTenant(), event: started(), headers })).toThrow(
        expect.objectContaining({ code: 'invalid_event' }),
      );
    });

    test('what arrives from outside in another shape is dropped, counted and logged once', async () => {
      const bus = await context.connect();
      const [tenantId, jobId] = [newTenant(), newJob()];
      const arrived = createArrivals<ProgenyEvent>();
      bus.subscribe({ topic: 'parent_job_progress', tenantId }, (event) => arrived.push(event));
      await bus.flush();

      const subject = `parent_job_progress.${tenantId}.${jobId}`;
      const good = progress(jobId);
      for (const text of ['', 'not json', '{}', 'null', JSON.stringify(statusChange())]) {
        await context.broker.sendRaw(subject, text);
      }
      await context.broker.sendRaw(subject, JSON.stringify({ ...good, extra: 'dropped' }));

      expect(await arrived.atLeast(1)).toEqual([good]);
      expect(bus.counters.invalid).toBe(5);
      expect(bus.counters.handlerErrors).toBe(0);
      expect(context.logged.filter(({ message }) => message.startsWith('event dropped'))).toHaveLength(1);
    });

    test.each(['a.b', '*', '>', 'a b', '', 'a\r\nb', 'x'.repeat(65)])(
      'the token %j is refused in a subject',
      async (token) => {
        const bus = await context.connect();
        const refused = expect.objectContaining({ name: 'BusError', code: 'invalid_subject' });
        const event = started();
        expect(() => bus.publish({ tenantId: token, event })).toThrow(refused);
        await expect(bus.publishSync({ tenantId: token, event })).rejects.toEqual(refused);
        expect(() => bus.subscribe({ topic: 'job_lifecycle', tenantId: token }, () => {})).toThrow(refused);
        expect(() => bus.subscribe({ topic: 'job_lifecycle', jobId: token }, () => {})).toThrow(refused);
        expect(() => bus.subscribe({ topic: 'job_lifecycle', queue: token }, () => {})).toThrow(refused);
      },
    );
  });
}
