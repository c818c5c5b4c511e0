import { LIMITS } from '@progeny/contract';
import { briefly, jobProgress, lifecycle, OWNER, PARENT, progress, snapshotOf } from '../testing/events.ts';
import { JobTrack } from './job-track.ts';

const end = lifecycle(2, { type: 'JOB_CANCELLED' });
const last = progress(4, { status: 'cancelled' });

function createScene({ seededWith }: { seededWith?: number } = {}) {
  const track = new JobTrack(OWNER);
  if (seededWith !== undefined) track.seed(snapshotOf(progress(1), { seq: seededWith }));
  const accept = (...events: Parameters<JobTrack['accept']>[0][]) =>
    events.map((event) => briefly({ messages: track.accept(event) }));
  return { track, accept };
}

describe('lifecycle events', () => {
  test('go out in their order, each once, whatever order they come in', () => {
    const { track, accept } = createScene({ seededWith: 0 });
    const order = [2, 4, 2, 1, 1, 3].map((seq) => accept(lifecycle(seq))[0]);
    expect(order).toEqual([
      [],
      [],
      [],
      ['JOB_STARTED 1', 'JOB_STARTED 2'],
      [],
      ['JOB_STARTED 3', 'JOB_STARTED 4'],
    ]);
    expect(track.isWaiting).toBe(false);
  });

  test('wait for one that is missing', () => {
    const { track, accept } = createScene({ seededWith: 1 });
    expect(accept(lifecycle(3))).toEqual([[]]);
    expect(track.isWaiting).toBe(true);
    expect(accept(lifecycle(2))).toEqual([['JOB_STARTED 2', 'JOB_STARTED 3']]);
    expect(track.isWaiting).toBe(false);
  });

  test('of a job that nobody knows begin with whichever comes, and have no gap from there', () => {
    const { track, accept } = createScene();
    expect(accept(lifecycle(5), lifecycle(7))).toEqual([['JOB_STARTED 5'], []]);
    expect([track.isWaiting, track.lastSeq]).toEqual([true, 5]);
  });

  test('that a snapshot held already are still told to those who did not ask for it', () => {
    const { track, accept } = createScene({ seededWith: 2 });
    expect(track.lastSeq).toBe(2);
    expect(accept(lifecycle(1), lifecycle(2), lifecycle(3), lifecycle(1))).toEqual([
      ['JOB_STARTED 1'],
      ['JOB_STARTED 2'],
      ['JOB_STARTED 3'],
      [],
    ]);
  });

  test('a snapshot that is read later changes nothing', () => {
    const { track, accept } = createScene({ seededWith: 0 });
    track.seed(snapshotOf(progress(1), { seq: 3 }));
    expect(accept(lifecycle(3))).toEqual([[]]);
    expect(track.lastSeq).toBe(0);
  });

  test('too many behind a gap wait no longer', () => {
    const { track, accept } = createScene({ seededWith: 0 });
    const seqs = Array.from({ length: LIMITS.replayedEvents }, (_, index) => index + 2);
    expect(accept(...seqs.map((seq) => lifecycle(seq))).flat()).toEqual([]);
    const more = LIMITS.replayedEvents + 2;
    expect(accept(lifecycle(more)).flat()).toHaveLength(LIMITS.replayedEvents + 1);
    expect([track.isWaiting, track.lastSeq]).toEqual([false, more]);
  });
});

describe('an end that overtakes the counts it ended with', () => {
  test('waits for them, so that nothing follows it', () => {
    const { track, accept } = createScene({ seededWith: 1 });
    expect(accept(progress(3), end, end)).toEqual([['v3'], [], []]);
    expect([track.isWaiting, track.endTold]).toEqual([true, false]);
    expect(accept(last, end)).toEqual([['v4', 'JOB_CANCELLED 2'], []]);
    expect([track.isWaiting, track.endTold]).toEqual([false, true]);
  });

  test('waits for the start as well', () => {
    const { accept } = createScene({ seededWith: 0 });
    expect(accept(end, last, lifecycle(1))).toEqual([[], ['v4'], ['JOB_STARTED 1', 'JOB_CANCELLED 2']]);
  });
});

describe('a job that is retried', () => {
  const start = lifecycle(3);
  const ended = () => {
    const scene = createScene({ seededWith: 1 });
    scene.accept(last, end);
    return scene;
  };

  test('begins anew with the next start, its versions rise on, and it ends once more', () => {
    const { track, accept } = ended();
    const secondEnd = lifecycle(4, { type: 'JOB_CANCELLED' });
    expect(accept(start, progress(5), progress(6, { status: 'cancelled' }), secondEnd)).toEqual([
      ['JOB_STARTED 3'],
      ['v5'],
      ['v6'],
      ['JOB_CANCELLED 4'],
    ]);
    expect([track.isWaiting, track.endTold]).toEqual([false, true]);
  });

  test('says nothing of its new run before the start of it', () => {
    const { track, accept } = ended();
    expect(accept(progress(5), progress(6), jobProgress(9))).toEqual([[], [], []]);
    expect(track.isWaiting).toBe(true);
    expect(accept(start)).toEqual([['JOB_STARTED 3', 'v6', 'p9']]);
    expect(track.isWaiting).toBe(false);
  });

  test('has not ended with the counts of the run before', () => {
    const { accept } = ended();
    expect(accept(start, lifecycle(4, { type: 'JOB_CANCELLED' }))).toEqual([['JOB_STARTED 3'], []]);
    expect(accept(progress(7, { status: 'cancelled' }))).toEqual([['v7', 'JOB_CANCELLED 4']]);
  });

  test('has an end told whose counts nobody can tell any more, once newer ones were read', () => {
    const { track, accept } = createScene({ seededWith: 1 });
    expect(accept(end, progress(9))).toEqual([[], ['v9']]);
    const read = snapshotOf(progress(9), { seq: 3, events: [lifecycle(1), end, start] });
    expect(briefly({ messages: [end, start].flatMap((event) => track.accept(event, read)) })).toEqual([
      'JOB_CANCELLED 2',
      'JOB_STARTED 3',
    ]);
  });

  test('and one that is not, but whose counts were corrected, tells them when the ledger knows of no start', () => {
    const { track, accept } = ended();
    const corrected = progress(5, { status: 'cancelled' });
    expect(accept(corrected)).toEqual([[]]);
    const read = snapshotOf(corrected, { seq: 2, events: [lifecycle(1), end] });
    expect(briefly({ messages: track.accept(corrected, read) })).toEqual(['v5']);
    expect(track.isWaiting).toBe(false);
  });
});

describe('a child', () => {
  const of = { parentId: PARENT };
  const childEnd = lifecycle(2, { ...of, type: 'JOB_CANCELLED' });

  test('ends without waiting for counts', () => {
    const { accept } = createScene({ seededWith: 0 });
    expect(accept(lifecycle(1, of), jobProgress(3, of), childEnd)).toEqual([
      ['JOB_STARTED 1'],
      ['p3'],
      ['JOB_CANCELLED 2'],
    ]);
  });

  test('has no progress between its end and the next start; a late one of the run before is never told', () => {
    const { track, accept } = createScene({ seededWith: 1 });
    expect(accept(childEnd, jobProgress(4, of))).toEqual([['JOB_CANCELLED 2'], []]);
    const read = snapshotOf(jobProgress(5, of), { seq: 2, events: [lifecycle(1, of), childEnd] });
    expect(track.accept(jobProgress(5, of), read)).toEqual([]);
    expect(track.isWaiting).toBe(false);
    expect(accept(lifecycle(3, of), jobProgress(7, of))).toEqual([['JOB_STARTED 3'], ['p7']]);
  });

  test('goes on with its present run when the one before cannot be read any more', () => {
    const { track, accept } = createScene({ seededWith: 1 });
    const started = lifecycle(3, of);
    expect(accept(started)).toEqual([[]]);
    const read = snapshotOf(jobProgress(9, of), { seq: 3, events: [started] });
    expect(briefly({ messages: track.accept(started, read) })).toEqual(['JOB_STARTED 3']);
    expect([track.isWaiting, track.endTold]).toEqual([false, false]);
    expect(accept(childEnd)).toEqual([[]]);
  });

  test('whose row alone has changed tells no progress that it told before', () => {
    const { track, accept } = createScene({ seededWith: 1 });
    expect(accept(jobProgress(3, of))).toEqual([['p3']]);
    const same = { ...jobProgress(3, of), payload: { ...jobProgress(3, of).payload, version: 8 } };
    expect(track.accept(same, snapshotOf(same, { seq: 1, events: [lifecycle(1, of)] }))).toEqual([]);
    expect(track.line.isNews(same)).toBe(false);
  });
});

test('a parent that is nested in another ends behind its counts, as any parent does', () => {
  const { track, accept } = createScene({ seededWith: 0 });
  const of = { parentId: PARENT, isParent: true };
  const nestedEnd = lifecycle(2, { ...of, type: 'JOB_CANCELLED' });
  expect(accept(lifecycle(1, of), progress(3, of), nestedEnd)).toEqual([['JOB_STARTED 1'], ['v3'], []]);
  expect(track.isWaiting).toBe(true);
  expect(accept(progress(4, { ...of, status: 'cancelled' }))).toEqual([['v4', 'JOB_CANCELLED 2']]);
});

describe('the progress of a job', () => {
  test('is news with a higher version only', () => {
    const { accept } = createScene();
    expect(accept(jobProgress(2), jobProgress(2), jobProgress(1), jobProgress(3))).toEqual([
      ['p2'],
      [],
      [],
      ['p3'],
    ]);
  });

  test('does not follow the end', () => {
    const { accept } = createScene({ seededWith: 1 });
    expect(accept(last, end, jobProgress(9)).at(-1)).toEqual([]);
  });
});
