import { createMemoryHarness, newParent } from '@progeny/job-store/contract-suite';
import { createLog } from '@progeny/kit';
import { createHub } from '../hub/hub.ts';
import { createBackupPoll } from '../poll/backup-poll.ts';
import { briefly, createFakeReader, OWNER } from '../testing/events.ts';
import { createHandClock } from '../testing/hand-clock.ts';
import { createSession } from './session.ts';
import { createSnapshotReader } from './snapshot-reader.ts';

/** Our own check lets everybody see everything. */
jest.mock('@progeny/core', () => ({ ...jest.requireActual('@progeny/core'), canSee: () => true }));

async function createScene() {
  const { store } = await createMemoryHarness();
  const hub = createHub({
    clock: createHandClock(),
    onWatched: () => () => undefined,
    onGap: () => undefined,
  });
  const session = createSession({
    hub,
    readSnapshot: createSnapshotReader({ store, standing: async () => undefined }),
    log: createLog({ service: 'test', level: 'silent' }),
  });
  const backup = createBackupPoll({
    hub,
    store,
    silentForMs: 1,
    now: () => Date.parse('2030-01-01T00:00:09Z'),
    onDelivered: () => undefined,
  });
  const { job } = await store.createParent(newParent(['a'], { sealed: true, owner: OWNER }));
  const viewerOf = (tenantId: string) => {
    const reader = createFakeReader({ tenantId });
    return { reader, subscribe: () => session.subscribe(reader, [job.job_id]) };
  };
  return { hub, backup, jobId: job.job_id, viewerOf };
}

test('a job of another tenant is not there to be subscribed, though nothing but the ledger refuses it', async () => {
  const { viewerOf } = await createScene();
  const [own, stranger] = [viewerOf('acme'), viewerOf('other')];
  await Promise.all([own.subscribe(), stranger.subscribe()]);
  expect(briefly(own.reader)).toEqual(['subscribed', 'v2']);
  expect(briefly(stranger.reader)).toEqual(['refused job_not_found']);
});

test('nor is it found for who watches everything of another tenant', async () => {
  const { hub, backup, viewerOf } = await createScene();
  const [own, stranger] = [viewerOf('acme'), viewerOf('other')];
  for (const { reader } of [own, stranger]) hub.join(reader);
  await backup.poll({ everything: true });
  expect(briefly(own.reader)).toEqual(['v2']);
  expect(stranger.reader.messages).toEqual([]);
});

test('a stranger who waits for it takes nothing from those who watch it', async () => {
  const { backup, hub, jobId, viewerOf } = await createScene();
  const [own, stranger] = [viewerOf('acme'), viewerOf('other')];
  hub.subscribe(stranger.reader, jobId);
  await own.subscribe();
  await backup.catchUp([jobId]);
  expect(briefly(own.reader)).toEqual(['subscribed', 'v2']);
  expect(stranger.reader.messages).toEqual([]);
});
