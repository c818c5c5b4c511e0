import fc from 'fast-check';
import { progressOf } from './fake-events.ts';
import { REMEMBERED_JOBS_MAX } from './job-ledger.ts';
import { createProgressCache } from './progress-cache.ts';
import type { ParentJobProgress } from './wire.ts';

const cacheOf = (keep: (jobId: string) => boolean = () => false) =>
  createProgressCache<ParentJobProgress>({ keep });
const frames = fc.array(
  fc.record({ jobId: fc.constantFrom('a', 'b', 'c'), version: fc.integer({ min: 1, max: 30 }) }),
);

test('whatever the order, each job shows the highest version that came, and versions only rise', () => {
  fc.assert(
    fc.property(frames, (arrivals) => {
      const cache = cacheOf();
      const seen = new Map<string, number>();
      for (const { jobId, version } of arrivals) {
        const isNewer = version > (seen.get(jobId) ?? 0);
        expect(cache.accept(progressOf(jobId, version))).toBe(isNewer);
        if (isNewer) seen.set(jobId, version);
        expect(cache.get(jobId)?.version).toBe(seen.get(jobId));
      }
      expect(new Map([...cache.entries()].map(([id, { version }]) => [id, version]))).toEqual(seen);
    }),
  );
});

test('after a terminal snapshot nothing older reopens the job, in any order of arrival', () => {
  const last = 12;
  const arrivals = fc.shuffledSubarray(
    Array.from({ length: last }, (_, index) => index + 1),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(arrivals, (versions) => {
      const cache = cacheOf();
      let ended = false;
      for (const version of [...versions, last]) {
        cache.accept(progressOf('a', version, { status: version === last ? 'completed' : 'running' }));
        ended ||= version === last;
        if (ended) expect(cache.get('a')?.status).toBe('completed');
      }
    }),
  );
});

test('the job that was silent longest is forgotten, unless somebody looks at it', () => {
  const cache = cacheOf((jobId) => jobId === 'job-0');
  for (let index = 0; index < REMEMBERED_JOBS_MAX + 2; index += 1)
    cache.accept(progressOf(`job-${index}`, 1));
  expect(cache.entries().size).toBe(REMEMBERED_JOBS_MAX);
  expect(cache.get('job-0')).toBeDefined();
  expect(cache.get('job-1')).toBeUndefined();
  expect(cache.get('job-3')).toBeDefined();
});

test('of another database any version counts, and what was known shows until it comes', () => {
  const cache = cacheOf();
  cache.accept(progressOf('a', 7));
  cache.doubt();
  expect(cache.get('a')?.version).toBe(7);
  expect(cache.accept(progressOf('a', 2))).toBe(true);
  expect(cache.accept(progressOf('a', 1))).toBe(false);
  expect(cache.get('a')?.version).toBe(2);
});
