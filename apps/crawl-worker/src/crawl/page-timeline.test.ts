import { createPageTimeline } from './page-timeline.ts';

/** What a page tells in these stages, each of which takes 10 ms. */
function tell(run: (timeline: ReturnType<typeof createPageTimeline>) => void) {
  const told: unknown[] = [];
  let nowMs = 0;
  run(
    createPageTimeline(
      {
        progress: (percent, stage) => told.push([percent, stage]),
        emit: ({ event, ...step }) => told.push(Object.keys(step).length > 0 ? [event, step] : event),
      },
      () => {
        nowMs += 10;
        return nowMs;
      },
    ),
  );
  return told;
}

test('a page that is read tells its stages in percent, and its timeline in order', () => {
  const told = tell((timeline) => {
    for (const stage of ['fetching', 'parsing', 'extracting', 'storing'] as const) timeline.stage(stage);
    timeline.end(true);
  });
  expect(told).toEqual([
    'pipeline_started',
    [10, 'fetching'],
    ['page_started', { page_index: 0 }],
    [40, 'parsing'],
    ['page_done', { page_index: 0, duration_ms: 20, success: true }],
    [60, 'extracting'],
    [80, 'storing'],
    ['extract_done', { duration_ms: 40 }],
    ['pipeline_done', { duration_ms: 70, success: true }],
  ]);
});

test('a page that fails while it is fetched is done without success', () => {
  const told = tell((timeline) => {
    timeline.stage('fetching');
    timeline.end(false);
  });
  expect(told.slice(-2)).toEqual([
    ['page_done', { page_index: 0, duration_ms: 10, success: false }],
    ['pipeline_done', { duration_ms: 30, success: false }],
  ]);
});

test('one that was never fetched has no page in its timeline', () => {
  expect(tell((timeline) => timeline.end(false))).toEqual([
    'pipeline_started',
    ['pipeline_done', { duration_ms: 10, success: false }],
  ]);
});
