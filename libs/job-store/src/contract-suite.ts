import { describeAdding } from './contract-suite/adding.ts';
import { describeAuditing } from './contract-suite/auditing.ts';
import { describeCalling } from './contract-suite/calling.ts';
import { describeCancelling } from './contract-suite/cancelling.ts';
import { describeClaiming } from './contract-suite/claiming.ts';
import { describeClaimingFairly } from './contract-suite/claiming-fairly.ts';
import { describeCreating } from './contract-suite/creating.ts';
import { describeDeleting } from './contract-suite/deleting.ts';
import { describeExplaining } from './contract-suite/explaining.ts';
import { describeFolding } from './contract-suite/folding.ts';
import { describeGivingUp } from './contract-suite/giving-up.ts';
import { type CreateHarness, useHarness } from './contract-suite/harness.ts';
import { describeLiving } from './contract-suite/living.ts';
import { describeLogging } from './contract-suite/logging.ts';
import { describeModel, type ModelOptions } from './contract-suite/model.ts';
import { describeNesting } from './contract-suite/nesting.ts';
import { describeNestingCounts } from './contract-suite/nesting-counts.ts';
import { describeNestingDeleting } from './contract-suite/nesting-deleting.ts';
import { describeNestingPausing } from './contract-suite/nesting-pausing.ts';
import { describeNestingReading } from './contract-suite/nesting-reading.ts';
import { describeNestingRetrying } from './contract-suite/nesting-retrying.ts';
import { describeNestingRetryingBelow } from './contract-suite/nesting-retrying-below.ts';
import { describeNestingStopping } from './contract-suite/nesting-stopping.ts';
import { describeOutOfTime } from './contract-suite/out-of-time.ts';
import { describeOwning } from './contract-suite/owning.ts';
import { describePausing } from './contract-suite/pausing.ts';
import { describeProgressing } from './contract-suite/progressing.ts';
import { describeReading } from './contract-suite/reading.ts';
import { describeReporting } from './contract-suite/reporting.ts';
import { describeReportingMany } from './contract-suite/reporting-many.ts';
import { describeRetrying } from './contract-suite/retrying.ts';
import { describeRetryingAfresh } from './contract-suite/retrying-afresh.ts';
import { describeRetryingOne } from './contract-suite/retrying-one.ts';
import { describeSealExpiring } from './contract-suite/seal-expiring.ts';
import { describeSnapshots } from './contract-suite/snapshots.ts';
import { describeStepping } from './contract-suite/stepping.ts';
import { describeTickets } from './contract-suite/tickets.ts';

export type { CreateHarness, JobStoreHarness } from './contract-suite/harness.ts';
export { createMemoryHarness } from './contract-suite/memory-harness.ts';
export { newParent, numbered } from './contract-suite/scene.ts';

/**
 * What every job store has to pass. `createHarness` makes an empty one for each test and for each random history;
 * an implementation other than the in-memory one takes that as its oracle.
 */
export function describeJobStoreContract(
  name: string,
  createHarness: CreateHarness,
  model: ModelOptions,
): void {
  describe(`job store: ${name}`, () => {
    const harness = useHarness(createHarness);
    describe('creating', () => describeCreating(harness));
    describe('adding children', () => describeAdding(harness));
    describe('claiming', () => describeClaiming(harness));
    describe('reporting', () => describeReporting(harness));
    describe('reporting many', () => describeReportingMany(harness));
    describe('cancelling', () => describeCancelling(harness));
    describe('claiming in turns', () => describeClaimingFairly(harness));
    describe('pausing', () => describePausing(harness));
    describe('retrying what failed', () => describeRetrying(harness));
    describe('retrying afresh', () => describeRetryingAfresh(harness));
    describe('retrying one child', () => describeRetryingOne(harness));
    describe('giving up', () => describeGivingUp(harness));
    describe('out of time', () => describeOutOfTime(harness));
    describe('deleting', () => describeDeleting(harness));
    describe('progress of a child', () => describeProgressing(harness));
    describe('steps within a job', () => describeStepping(harness));
    describe('the log of a parent', () => describeLogging(harness));
    describe('the life of a child', () => describeLiving(harness));
    describe('sealing too late', () => describeSealExpiring(harness));
    describe('folding', () => describeFolding(harness));
    describe('auditing', () => describeAuditing(harness));
    describe('reading', () => describeReading(harness));
    describe('whose a job is', () => describeOwning(harness));
    describe('asked by', () => describeCalling(harness));
    describe('snapshots', () => describeSnapshots(harness));
    describe('tickets', () => describeTickets(harness));
    describe('explaining', () => describeExplaining(harness));
    describe('a parent within another', () => describeNesting(harness));
    describe('counting upwards', () => describeNestingCounts(harness));
    describe('reading a nested parent', () => describeNestingReading(harness));
    describe('stopping what is nested', () => describeNestingStopping(harness));
    describe('pausing what is nested', () => describeNestingPausing(harness));
    describe('retrying what is nested', () => describeNestingRetrying(harness));
    describe('retrying below what has ended', () => describeNestingRetryingBelow(harness));
    describe('deleting what is nested', () => describeNestingDeleting(harness));
    describe('any history', () => describeModel(createHarness, model));
  });
}
