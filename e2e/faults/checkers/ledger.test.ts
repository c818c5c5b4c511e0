import { checkLedger, type LedgerState } from './ledger.ts';
import { createViolations } from './violations.ts';

const page = (key: string, more = {}) => ({
  jobId: key,
  parentId: 'crawl',
  key,
  status: 'completed' as const,
  attempt: 1,
  ...more,
});
const task = { jobId: 'x', parentId: 'p', key: 'x', status: 'completed' as const, attempt: 2 };
const accepted = { parentId: 'p', key: 'x', end: 'completed' as const, attempt: 2 };
const links: Record<string, string[]> = { '/0': ['/0.0'] };
const state: LedgerState = {
  rows: [page('/0'), page('/0.0'), task],
  accepted: new Map([['x', accepted]]),
  contradictions: [],
  site: { hits: new Map([['/0', 1]]), linksOf: (url) => links[url] ?? [] },
  uncancelledCrawls: new Set(['crawl']),
};

function found(change: Partial<LedgerState>): string[] {
  const violations = createViolations();
  checkLedger(violations, { ...state, ...change });
  return violations.all.map(({ what }) => what);
}

test('nothing is wrong when everything accepted stands there', () => {
  expect(found({})).toEqual([]);
});

test.each([
  [
    'an accepted child that is lost',
    [page('/0'), page('/0.0')],
    'child x was accepted and is not in Postgres',
  ],
  [
    'an accepted end that does not stand there',
    [page('/0'), page('/0.0'), { ...task, status: 'failed' as const }],
    'child x was accepted as completed and is failed',
  ],
  [
    'an attempt that went back',
    [page('/0'), page('/0.0'), { ...task, attempt: 1 }],
    'child x was in attempt 2 and is in 1',
  ],
  [
    'a child that never ends',
    [page('/0'), page('/0.0', { status: 'running' }), task],
    'child /0.0 (/0.0) is running for ever',
  ],
  ['a page that was found and is lost', [page('/0'), task], '/0.0 was found on /0 and is lost'],
])('finds %s', (_, rows, what) => {
  expect(found({ rows })).toEqual([what]);
});

test('a page may be fetched once in each attempt and not more often', () => {
  const fetched = (hits: number) => found({ site: { ...state.site, hits: new Map([['/0', hits]]) } });
  expect(fetched(2)).toEqual(['/0 was fetched 2 times in 1 attempts']);
  expect(
    found({
      rows: [page('/0', { attempt: 2 }), page('/0.0'), task],
      site: { ...state.site, hits: new Map([['/0', 2]]) },
    }),
  ).toEqual([]);
});

test('a cancelled crawl takes on no more pages, and a contradiction is passed on', () => {
  expect(found({ rows: [page('/0'), task], uncancelledCrawls: new Set() })).toEqual([]);
  expect(found({ contradictions: ['child x is y and z'] })).toEqual(['child x is y and z']);
});
