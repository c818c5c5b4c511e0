import type { ParentOptions, ParentReporter, Reporter } from '@progeny/reporter';
import type { AnyQueue } from './bridge.ts';
import { createParents } from './parents.ts';

let sealed: string[];
let opened: ParentOptions[];
const reporter = {
  parent(options: ParentOptions): Partial<ParentReporter> {
    opened.push(options);
    return { seal: () => void sealed.push(options.name ?? '') };
  },
} as Reporter;
const queue = { name: 'pages', qualifiedName: 'bull:pages' } as AnyQueue;
const at = (time: string) => ({ timestamp: Date.parse(time) });

beforeEach(() => {
  sealed = [];
  opened = [];
});

test('jobs of one day share a parent, which a restart finds again by its key', () => {
  const parents = createParents({ reporter, queue });
  const first = parents.of(at('2026-11-22T00:00:00Z'));
  expect(parents.of(at('2026-11-22T23:59:59Z'))).toBe(first);
  expect(parents.of(at('2026-11-23T00:00:00Z'))).not.toBe(first);
  createParents({ reporter, queue }).of(at('2026-11-22T12:00:00Z'));
  expect(opened.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
    'bullmq:bull:pages:day:pages 2026-11-22',
    'bullmq:bull:pages:day:pages 2026-11-23',
    'bullmq:bull:pages:day:pages 2026-11-22',
  ]);
});

test('a day is sealed once, an hour after it is over', () => {
  const parents = createParents({ reporter, queue });
  parents.of(at('2026-11-22T12:00:00Z'));
  parents.of(at('2026-11-23T00:30:00Z'));
  parents.sealPastDays(Date.parse('2026-11-23T00:59:59Z'));
  expect(sealed).toEqual([]);
  parents.sealPastDays(Date.parse('2026-11-23T01:00:00Z'));
  parents.sealPastDays(Date.parse('2026-11-23T01:00:01Z'));
  expect(sealed).toEqual(['pages 2026-11-22']);
});

test('a name that cannot be told is no reason not to tell the job', () => {
  const parentOf = () => {
    throw new Error('mine');
  };
  createParents({ reporter, queue, parentOf, parentName: 'import' }).of(at('2026-11-22T12:00:00Z'));
  expect(opened.map(({ name }) => name)).toEqual(['import']);
});
