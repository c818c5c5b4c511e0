import { createCrawlSchema } from '@progeny/contract';
import { optionsInWords } from './option-words.ts';

const wordsOf = (options: object) =>
  optionsInWords({
    type: 'crawl',
    spec: createCrawlSchema.parse({ type: 'crawl', seeds: ['https://a.example'], ...options }),
  });

test('nothing is said of a job as most are', () => expect(wordsOf({})).toEqual([]));

test('what was asked for is told', () => {
  expect(
    wordsOf({
      priority: -5,
      failure_policy: 'fail_fast',
      deadline_seconds: 93_600,
      child_timeout_seconds: 30,
    }),
  ).toEqual(['Priority -5', 'Stops at the first failure', '1 d 2 h at most', '30 s for a page']);
  expect(wordsOf({ failure_policy: { max_failed: '5%' } })).toEqual(['Stops when more than 5% fail']);
  expect(wordsOf({ failure_policy: { max_failed: 0 } })).toEqual(['Stops when more than 0 fail']);
});

test('a spec of another shape says nothing', () =>
  expect(optionsInWords({ type: 'custom', spec: { priority: 'high', failure_policy: null } })).toEqual([]));
