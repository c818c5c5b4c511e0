import { type Command, USER_HEADER } from '@progeny/contract';
import { createMemoryEventBus, createMemoryHub } from '@progeny/event-bus';
import type { Owner } from '@progeny/job-store';
import { jobId, OWNER } from '../testing/events.ts';
import { hearDeletions } from './deletions.ts';

const [A, B, C] = [jobId(1), jobId(2), jobId(3)];

/** Looks end when they are told to. */
function createScene() {
  const hub = createMemoryHub();
  const publisher = createMemoryEventBus({ hub });
  const looks: { jobs: ReadonlyMap<string, Owner>; fail: (error: Error) => void }[] = [];
  const errors: unknown[] = [];
  const deletions = hearDeletions({
    bus: createMemoryEventBus({ hub }),
    look: (jobs) => new Promise((_, fail) => void looks.push({ jobs, fail })),
    onError: (error) => void errors.push(error),
  });
  return {
    deletions,
    errors,
    looks,
    looked: () => looks.map(({ jobs }) => [...jobs.keys()]),
    async command(id: string, command: Command = 'delete') {
      publisher.publish({
        tenantId: OWNER.tenantId,
        headers: { [USER_HEADER]: OWNER.userId },
        event: {
          type: 'job_command',
          timestamp: '2030-01-01T00:00:00.000Z',
          payload: { job_id: id, command },
        },
      });
      await publisher.flush();
    },
  };
}

test('a job that was deleted is looked for at once, with whose it was; other commands are nothing', async () => {
  const { command, looks } = createScene();
  await command(A, 'cancel');
  await command(B);
  expect(looks.map(({ jobs }) => [...jobs])).toEqual([[[B, OWNER]]]);
});

test('what is deleted during a look is in the next one, and a look that fails harms none', async () => {
  const { command, looked, looks, errors } = createScene();
  for (const id of [A, B, C, B]) await command(id);
  expect(looked()).toEqual([[A]]);
  looks[0]?.fail(new Error('away'));
  await new Promise(setImmediate);
  expect(looked()).toEqual([[A], [B, C]]);
  expect(errors.map(String)).toEqual(['Error: away']);
});

test('nothing is looked for once it has ended', async () => {
  const { command, deletions, looked } = createScene();
  deletions.unsubscribe();
  await command(A);
  expect(looked()).toEqual([]);
});
