/**
 * The order of Jest's tests when several files run at a time: what takes longest comes first, so that all workers end
 * together. Named here is what takes more than half a minute; of the rest larger files come first.
 */
import { statSync } from 'node:fs';

export const LONGEST = [
  'tools/start/start.e2e.test.ts',
  'tools/bench/bench.e2e.test.ts',
  'libs/job-store-prisma/src/job-store-prisma.int.test.ts',
  'e2e/faults/broken/broken-builds.e2e.test.ts',
  'e2e/faults/faults.e2e.test.ts',
  'e2e/live-page.e2e.test.ts',
  'e2e/page-commands.e2e.test.ts',
  'e2e/realtime/realtime.e2e.test.ts',
  'e2e/replicas.e2e.test.ts',
  'e2e/page-timeline.e2e.test.ts',
  'libs/crawlee/src/crawl-site.e2e.test.ts',
  'e2e/page-looks.e2e.test.ts',
  'apps/ws-gateway/src/session/gap-free.test.ts',
  'e2e/interleavings/interleavings.test.ts',
];
const SUITES = ['e2e', 'int', 'unit'];

/** Where a file stands: among the longest, then by what its suite costs, then by its size. */
function placeOf({ path: file, context }) {
  const index = LONGEST.findIndex((long) => file.endsWith(`/${long}`));
  const suite = SUITES.indexOf(context.config.displayName?.name);
  return [index === -1 ? LONGEST.length : index, suite, -statSync(file).size];
}

export default class LongestFirst {
  sort(tests) {
    return tests
      .map((test) => ({ test, place: placeOf(test) }))
      .sort((one, other) => {
        const at = one.place.findIndex((value, index) => value !== other.place[index]);
        return at === -1 ? 0 : one.place[at] - other.place[at];
      })
      .map(({ test }) => test);
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}
