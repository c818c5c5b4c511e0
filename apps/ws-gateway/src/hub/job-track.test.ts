import { LIMITS } from '@progeny/contract';
import { briefly, jobProgress, lifecycle, OWNER, progress, snapshotOf } from '../testing/events.ts';
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
