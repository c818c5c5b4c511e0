import {
  A,
  B,
  C,
  childProgressOf,
  childViewOf,
  completedOf,
  D,
  failedOf,
  jobProgressOf,
  parentViewOf,
  progressOf,
  short,
  startedOf,
  stateOf,
  stepOf,
} from './fake-events.ts';
import { useClientFixture } from './fixture-client.ts';
import { isParentView } from './http-wire.ts';
import type { WatchAllOptions } from './progeny-client.ts';

const at = useClientFixture();
const NARROW = { type: 'narrow', payload: { to: 'parents' } };
const shownOf = () => {
  const { status, progress_percentage, progress_stage } = at.client.getChild(C) ?? {};
  return `${status} ${progress_percentage} ${progress_stage}`;
};

describe('a child', () => {
  test('is watched from its state to its end, which waits for no counts', async () => {
    const { heard, watch } = await at.watchLive(C);
    at.gateway.latest.subscribed(C, 0);
    const shown: string[] = [];
    for (const event of [
      jobProgressOf(C, 1, { progress: 0, stage: 'queued' }),
      startedOf(C, 1),
      jobProgressOf(C, 3, { progress: 10, stage: 'fetching' }),
      jobProgressOf(C, 2),
      completedOf(C, 2),
    ]) {
      at.gateway.latest.say(event);
      shown.push(shownOf());
      await at.advance(0);
    }
    expect(heard).toEqual(['J1', 'S1', 'J3', 'E2']);
    expect(shown).toEqual([
      'pending 0 queued',
      'running 0 queued',
      'running 10 fetching',
      'running 10 fetching',
      'completed 100 complete',
    ]);
    expect(watch.state).toBe('ended');
  });

  test('that had ended tells its end with its snapshot', async () => {
    const { heard, watch } = await at.watchLive(C);
    at.gateway.latest.subscribed(C, 2);
    at.gateway.latest.say(jobProgressOf(C, 7));
    at.gateway.latest.say(failedOf(C, 2));
    await at.advance(0);
    expect([heard, watch.state, shownOf()]).toEqual([['J7', 'E2'], 'ended', 'failed 5 s']);
    const again = at.client.watch(C);
    await at.advance(300);
    at.gateway.latest.welcome();
    at.gateway.latest.subscribed(C, 2, true);
    at.gateway.latest.say(jobProgressOf(C, 7));
    expect(again.state).toBe('watching');
    at.gateway.latest.say(failedOf(C, 2));
    expect(again.state).toBe('ended');
  });

  test('that waits to be tried again has not ended, and begins anew', async () => {
    const { heard, watch } = await at.watchLive(C);
    at.gateway.latest.subscribed(C, 2);
    at.gateway.latest.say(jobProgressOf(C, 7, { progress: 0, stage: 'queued' }));
    await at.advance(0);
    expect([watch.state, shownOf()]).toEqual(['watching', 'pending 0 queued']);
    at.gateway.latest.say(startedOf(C, 3));
    at.gateway.latest.say(completedOf(C, 4, { skipped: 'robots' }));
    await at.advance(0);
    expect(heard).toEqual(['J7', 'S3', 'E4']);
    expect(at.client.getChild(C)?.status).toBe('skipped');
  });

  test('that is retried shows nothing of the run before', async () => {
    const watch = at.client.watch(C, undefined, { acrossRuns: true });
    await at.advance(0);
    at.gateway.latest.welcome();
    at.gateway.latest.subscribed(C, 1);
    at.gateway.latest.say(jobProgressOf(C, 4, { progress: 60, stage: 'extracting' }));
    at.gateway.latest.say(failedOf(C, 2));
    expect(shownOf()).toBe('failed 60 extracting');
    at.gateway.latest.say(startedOf(C, 3));
    expect(shownOf()).toBe('running 0 queued');
    at.client.accept(childProgressOf(9, { status: 'completed' }));
    at.client.accept(childProgressOf(8));
    expect(at.client.getChild(C)).toMatchObject({ version: 9, status: 'completed' });
    watch.stop();
  });

  test('that only polls can tell is told by its state, and ends with it', async () => {
    at.gateway.api = { [`/v1/jobs/${C}/progress`]: childProgressOf(3), [`/v1/jobs/${C}`]: childViewOf(3) };
    const events: unknown[] = [];
    const watch = at.client.watch(C, (event) => events.push(event));
    await at.advance(3_000);
    expect(events).toMatchObject([
      { type: 'JOB_PROGRESS', payload: { parent_id: A, operation_type: 'crawl', version: 3, progress: 40 } },
    ]);
    at.gateway.api = {
      [`/v1/jobs/${C}/progress`]: childProgressOf(5, { status: 'failed' }),
      [`/v1/jobs/${C}`]: null,
    };
    await at.advance(2_000);
    expect([watch.state, at.client.getChild(C)?.status]).toEqual(['ended', 'failed']);
    expect(at.gateway.paths.filter((path) => path === `/v1/jobs/${C}`)).toHaveLength(1);
  });
});

describe('a parent that is nested in another', () => {
  test('is watched to its end as any parent, which waits for its counts', async () => {
    const { heard, watch } = await at.watchLive(D);
    at.gateway.latest.subscribed(D, 0);
    at.gateway.latest.say(stateOf(D, 1));
    at.gateway.latest.say(startedOf(D, 1));
    // Its counts are missing: nothing ends yet.
    at.gateway.latest.say(completedOf(D, 2));
    await at.advance(0);
    expect([heard, watch.state]).toEqual([['P1', 'S1'], 'watching']);
    expect([at.client.getJob(D)?.parent_id, at.client.getChild(D)]).toEqual([A, undefined]);
    at.gateway.latest.say(stateOf(D, 2, 'completed'));
    at.gateway.latest.say(completedOf(D, 2));
    await at.advance(0);
    expect([heard, watch.state]).toEqual([['P1', 'S1', 'P2', 'E2'], 'ended']);
  });

  test('that had ended ends with its state, as any parent', async () => {
    const { heard, watch } = await at.watchLive(D);
    at.gateway.latest.subscribed(D, 2, true);
    at.gateway.latest.say(startedOf(D, 1));
    at.gateway.latest.say(stateOf(D, 4, 'completed'));
    at.gateway.latest.say(completedOf(D, 2));
    await at.advance(0);
    expect([heard.at(-1), watch.state]).toEqual(['E2', 'ended']);
  });

  test('is read as a parent that says where it is nested', async () => {
    at.gateway.api = { [`/v1/jobs/${D}`]: parentViewOf(D, 3, { parent_id: A, key: 'part' }) };
    const view = await at.client.job(D);
    expect([view.parent_id, view.key, isParentView(view)]).toEqual([A, 'part', true]);
    expect(at.client.getJob(D)).toMatchObject({ version: 3, parent_id: A });
    expect(at.client.getChild(D)).toBeUndefined();
    at.gateway.api = { [`/v1/jobs/${D}`]: { ...view, progress: {} } };
    await expect(at.client.job(D)).rejects.toMatchObject({ code: 'unexpected_answer' });
  });
});

describe('watching everything', () => {
  const all = async (options?: WatchAllOptions) => {
    const heard: string[] = [];
    at.client.watchAll((event) => heard.push(short(event)), options);
    await at.advance(0);
    at.gateway.latest.welcome();
    return heard;
  };

  test('is about parents alone, whatever comes', async () => {
    const heard = await all();
    expect(at.gateway.latest.sent).toEqual([NARROW]);
    for (const event of [
      startedOf(C, 1),
      jobProgressOf(C, 2),
      completedOf(C, 2),
      startedOf(D, 1),
      stateOf(D, 2),
      stateOf(A, 3),
    ]) {
      at.gateway.latest.say(event);
    }
    await at.advance(0);
    expect(heard).toEqual(['P3']);
  });

  test('with children says nothing to the gateway and hears them', async () => {
    const heard = await all({ children: true });
    expect(at.gateway.latest.sent).toEqual([]);
    for (const event of [
      startedOf(C, 1),
      jobProgressOf(C, 2),
      completedOf(C, 2),
      stepOf(A, 1),
      stateOf(D, 2),
      stateOf(A, 3),
    ]) {
      at.gateway.latest.say(event);
    }
    await at.advance(0);
    expect(heard).toEqual(['S1', 'J2', 'E2', 'P2', 'P3']);
  });

  test('with children after without takes a new connection, and goes back on the same', async () => {
    await all();
    const withChildren = at.client.watchAll({ children: true });
    await at.advance(300);
    expect(at.gateway.sockets).toHaveLength(2);
    at.gateway.latest.welcome();
    expect(at.gateway.latest.sent).toEqual([]);
    withChildren.stop();
    await at.advance(300);
    expect(at.gateway.sockets).toHaveLength(2);
    expect(at.gateway.latest.sent).toEqual([NARROW]);
  });

  test('beside a child that is named listens to children, too', async () => {
    at.gateway.api = { [`/v1/jobs/${C}/progress`]: childProgressOf(3), [`/v1/jobs/${C}`]: childViewOf(3) };
    await all();
    at.client.watch(C);
    await at.advance(600);
    expect(at.gateway.paths).toContain(`/v1/jobs/${C}/progress`);
    at.gateway.latest.welcome();
    expect(at.gateway.sockets).toHaveLength(2);
    expect(at.gateway.latest.sent).toEqual([]);
  });

  test('so it does beside a nested parent that is named', async () => {
    at.gateway.api = { [`/v1/jobs/${D}/progress`]: progressOf(D, 3) };
    await all();
    at.client.watch(D);
    await at.advance(600);
    at.gateway.latest.welcome();
    expect(at.gateway.sockets).toHaveLength(2);
    expect(at.gateway.latest.sent).toEqual([]);
  });

  test('beside a parent that is named does not, and reads its state', async () => {
    at.gateway.api = { [`/v1/jobs/${B}/progress`]: progressOf(B, 4) };
    await all();
    at.client.watch(B);
    await at.advance(600);
    expect(at.client.getJob(B)?.version).toBe(4);
    expect(at.gateway.latest.sent).toEqual([NARROW]);
    expect(at.gateway.paths.filter((path) => path.includes(B))).toHaveLength(1);
  });

  test('over a stream names what it wants in the address', async () => {
    at.gateway.sse = 'open';
    await all();
    at.gateway.latest.drop(4400);
    await at.advance(3_000);
    expect(at.gateway.stream.url).toBe('http://gateway/sse?only=parents');
  });
});

describe('steps', () => {
  test('come to who watches their job, as they happen', async () => {
    const { heard } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 0);
    for (const event of [stateOf(A, 1), stepOf(A, 1), stepOf(A, 2), stepOf(B, 1)])
      at.gateway.latest.say(event);
    await at.advance(0);
    expect(heard).toEqual(['P1', 'N1', 'N2']);
  });

  test('what is read of them is to be read when the gateway has begun to tell them', async () => {
    const begun = jest.fn();
    const leave = at.client.onSubscribed(A, begun);
    await at.watchLive(A);
    expect(begun).not.toHaveBeenCalled();
    at.gateway.latest.subscribed(A, 0);
    at.gateway.latest.subscribed(B, 0);
    expect(begun).toHaveBeenCalledTimes(1);
    at.gateway.latest.drop();
    await at.advance(300);
    at.gateway.latest.welcome();
    at.gateway.latest.subscribed(A, 0);
    expect(begun).toHaveBeenCalledTimes(2);
    leave();
    at.gateway.latest.subscribed(A, 0);
    expect(begun).toHaveBeenCalledTimes(2);
  });
});
