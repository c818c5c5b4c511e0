import { CHILD_STATUSES } from '@progeny/contract';
import { PAGE_STAGES, QUEUED, shownProgress } from './job-stage.ts';

const REPORTED = { progress: 40, stage: 'parsing', label: 'Parsing' };

test('a page is as far as what is being done with it', () => {
  expect(PAGE_STAGES).toEqual({
    ...{ queued: 0, fetching: 10, parsing: 40, extracting: 60, storing: 80, complete: 100 },
  });
});

test('what waits is queued and what is completed is complete, whatever was reported', () => {
  expect(shownProgress('pending', REPORTED)).toEqual(QUEUED);
  expect(shownProgress('completed', REPORTED)).toEqual({ progress: 100, stage: 'complete', label: '' });
  expect(shownProgress('completed', QUEUED)).toEqual({ progress: 100, stage: 'complete', label: '' });
});

test('everything else is as far as it was last said to be', () => {
  for (const status of CHILD_STATUSES.filter((one) => one !== 'pending' && one !== 'completed')) {
    expect(shownProgress(status, REPORTED)).toEqual(REPORTED);
  }
});
