import type { Subject } from '@progeny/contract';
import type { EventBus, SubscribeOptions } from '../event-bus.ts';
import { createArrivals } from './arrivals.ts';
import { newJob, newTenant, progress, started, statusChange } from './fixtures.ts';
import type { SuiteContext } from './harness.ts';

const TOPICS = ['parent_job_progress', 'job_lifecycle'] as const;
type FamilyTopic = (typeof TOPICS)[number];

export function describeFamilies(context: SuiteContext): void {
  describe('jobs with and without a parent', () => {
    /** Two buses, a family, and what is published of it. */
    const createScene = async () => {
      const [publisher, receiver] = [await context.connect(), await context.connect()];
      const [tenantId, parent, child, stranger] = [newTenant(), newJob(), newJob(), newJob()];
      return {
        ...{ receiver, tenantId, parent, child },
        tell() {
          for (const [jobId, parentId] of [
            [child, parent],
            [stranger, newJob()],
            [parent, null],
            [stranger, null],
          ] as const) {
            publisher.publish({ tenantId, event: progress(jobId, parentId) });
            publisher.publish({ tenantId, event: started(jobId, parentId) });
          }
        },
        family: [
          { tenantId, jobId: child, parentId: parent },
          { tenantId, jobId: stranger, parentId: expect.any(String) },
          { tenantId, jobId: parent },
          { tenantId, jobId: stranger },
        ],
      };
    };
    const listen = (bus: EventBus, filter: SubscribeOptions<FamilyTopic>) => {
      const arrived = createArrivals<Omit<Subject, 'topic'>>();
      bus.subscribe(filter, (_event, { headers: _, topic: __, ...subject }) => arrived.push(subject));
      return arrived;
    };

    test.each(TOPICS)('on %s who wants those without a parent never gets what has one', async (topic) => {
      const { receiver, tenantId, tell, family } = await createScene();
      const without = listen(receiver, { topic, tenantId, hasParent: false });
      const withOne = listen(receiver, { topic, tenantId, hasParent: true });
      const all = listen(receiver, { topic, tenantId });
      await receiver.flush();

      tell();

      expect(await all.atLeast(4)).toEqual(family);
      await receiver.flush();
      expect([without.all, withOne.all]).toEqual([family.slice(2), family.slice(0, 2)]);
    });

    test.each(TOPICS)('on %s a job is heard by its id, whether it has a parent or not', async (topic) => {
      const { receiver, tenantId, parent, child, tell, family } = await createScene();
      const ofTenant = listen(receiver, { topic, tenantId });
      const ofParent = listen(receiver, { topic, jobId: parent });
      const ofChild = listen(receiver, { topic, tenantId, jobId: child, queue: 'shared' });
      const ofNone = listen(receiver, { topic, jobId: child, hasParent: false });
      await receiver.flush();

      tell();

      await ofTenant.atLeast(4);
      await receiver.flush();
      expect([ofParent.all, ofChild.all, ofNone.all]).toEqual([[family[2]], [family[0]], []]);
    });

    test('both kinds of a watch end with it', async () => {
      const { receiver, tenantId, parent, tell } = await createScene();
      const gone = createArrivals<string>();
      const watch = receiver.subscribe({ topic: 'job_lifecycle', tenantId, jobId: parent }, ({ type }) =>
        gone.push(type),
      );
      const witness = listen(receiver, { topic: 'job_lifecycle', tenantId });
      await receiver.flush();
      watch.unsubscribe();

      tell();

      await witness.atLeast(4);
      await receiver.flush();
      expect(gone.all).toEqual([]);
    });

    test('a change of status does not say it by its subject, so nobody can listen for that', async () => {
      const { receiver, tenantId } = await createScene();
      const topic = statusChange().type;
      expect(() => receiver.subscribe({ topic, tenantId, hasParent: false }, () => undefined)).toThrow(
        expect.objectContaining({ name: 'BusError', code: 'invalid_subject' }),
      );
    });
  });
}
