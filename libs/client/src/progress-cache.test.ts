import fc from 'fast-check';
import { progressOf, startedOf } from './fake-gateway.ts';
import { CACHED_JOBS_MAX, createProgressCache } from './progress-cache.ts';

const cacheOf = (keep: (jobId: string) => boolean = () => false) => createProgressCache({ keep });
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

test('lifecycle events pass once and in rising order, whatever is repeated or late', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 8 })), (arrivals) => {
      const cache = cacheOf();
      const passed = arrivals.filter((seq) => cache.acceptLifecycle(startedOf('a', seq)));
      expect(passed).toEqual([...new Set(passed)].sort((a, b) => a - b));
    }),
  );
});

test('the job that was silent longest is forgotten, unless somebody looks at it', () => {
  const cache = cacheOf((jobId) => jobId === 'job-0');
  for (let index = 0; index < CACHED_JOBS_MAX + 2; index += 1) cache.accept(progressOf(`job-${index}`, 1));
  expect(cache.entries().size).toBe(CACHED_JOBS_MAX);
  expect(cache.get('job-0')).toBeDefined();
  expect(cache.get('job-1')).toBeUndefined();
  expect(cache.get('job-3')).toBeDefined();
});
