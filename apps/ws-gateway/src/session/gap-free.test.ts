import fc from 'fast-check';
import { histories } from '../testing/interleavings/histories.ts';
import { type Assemble, assembled, createWorld, type Step } from '../testing/interleavings/world.ts';
import type { ReadSnapshot } from './snapshot-reader.ts';

const RUNS = 10_000;
const TIMEOUT_MS = 120_000;

const isGapFree = (assemble: Assemble, { fault = /./ } = {}) =>
  fc.asyncProperty(histories, async (history) => {
    const world = createWorld(assemble);
    for (const step of history) await world.play(step);
    await world.rest();
    const faults = world.faults.filter((found) => fault.test(found));
    if (faults.length > 0) throw new Error(faults.slice(0, 3).join('\n'));
  });

/** An end is told before the start of another writer, both behind a snapshot that holds neither. */
const OVERTAKEN: Step[] = [
  ['subscribe', 0, 0],
  ['stand'],
  ['see'],
  ['commit', 0, 0, 'step'],
  ['commit', 0, 1, 'end'],
  ['tell', 1],
  ['answer', 'first'],
  ['tell', 0],
];

/** An event that a snapshot held comes late and alone, so the one between it and the next has to be read. */
const LATE: Step[] = [
  ['leave'],
  ['commit', 0, 0, 'step'],
  ['subscribe', 0, 0],
  ['commit', 0, 1, 'step'],
  ['tell', 1],
  ['stand'],
  ['look'],
  ['commit', 0, 0, 'step'],
];

/** The counts of an end are corrected, and the next run has ended before its start is told. */
const CORRECTED: Step[] = [
  ['commit', 0, 0, 'end'],
  ['commit', 0, 1, 'correct'],
  ['commit', 0, 1, 'retry'],
  ['commit', 0, 0, 'end'],
  ['tell', 0],
];

test(
  `in ${RUNS} interleavings of publish, register, read and flush nobody misses, repeats or goes back`,
  () => fc.assert(isGapFree(assembled), { numRuns: RUNS, examples: [[OVERTAKEN], [LATE], [CORRECTED]] }),
  TIMEOUT_MS,
);

const GAP = /the old snapshot|seq \d+ after|at rest/;

/** The same parts, put together wrongly. */
const MUTANTS: Record<string, Assemble> = {
  'a snapshot that is read before the reader is registered'({ standing, read, session }) {
    const readSnapshot = read(standing);
    let reads = new Map<string, Promise<ReadSnapshot>>();
    const { subscribe, handle } = session(
      (tenantId, jobId) => reads.get(jobId) ?? readSnapshot(tenantId, jobId),
    );
    return {
      handle,
      async subscribe(reader, jobIds, cursor) {
        const early = new Map(jobIds.map((jobId) => [jobId, readSnapshot(reader.identity.tenantId, jobId)]));
        await Promise.allSettled(early.values());
        reads = early;
        await subscribe(reader, jobIds, cursor);
      },
    };
  },
  'a read that is shared with those who registered after it began'({ standing, read, session }) {
    const readSnapshot = read(standing);
    const underWay = new Map<string, Promise<ReadSnapshot>>();
    return session((tenantId, jobId) => {
      const shared =
        underWay.get(jobId) ?? readSnapshot(tenantId, jobId).finally(() => underWay.delete(jobId));
      underWay.set(jobId, shared);
      return shared;
    });
  },
  'a snapshot that is read before the bus has taken the subscription': ({ read, session }) =>
    session(read(async () => undefined)),
};

test.each(Object.entries(MUTANTS))(
  '%s is found out',
  async (_, mutant) => {
    const { failed } = await fc.check(isGapFree(mutant, { fault: GAP }), {
      numRuns: RUNS,
      endOnFailure: true,
    });
    expect(failed).toBe(true);
  },
  TIMEOUT_MS,
);
