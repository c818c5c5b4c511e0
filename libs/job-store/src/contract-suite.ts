import { describeAdding } from './contract-suite/adding.ts';
import { describeAuditing } from './contract-suite/auditing.ts';
import { describeCancelling } from './contract-suite/cancelling.ts';
import { describeClaiming } from './contract-suite/claiming.ts';
import { describeCreating } from './contract-suite/creating.ts';
import { describeExplaining } from './contract-suite/explaining.ts';
import { describeFolding } from './contract-suite/folding.ts';
import { type CreateHarness, useHarness } from './contract-suite/harness.ts';
import { describeModel, type ModelOptions } from './contract-suite/model.ts';
import { describeOwning } from './contract-suite/owning.ts';
import { describeReading } from './contract-suite/reading.ts';
import { describeReporting } from './contract-suite/reporting.ts';
import { describeReportingMany } from './contract-suite/reporting-many.ts';
import { describeSealExpiring } from './contract-suite/seal-expiring.ts';
import { describeSnapshots } from './contract-suite/snapshots.ts';
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
    describe('sealing too late', () => describeSealExpiring(harness));
    describe('folding', () => describeFolding(harness));
    describe('auditing', () => describeAuditing(harness));
    describe('reading', () => describeReading(harness));
    describe('whose a job is', () => describeOwning(harness));
    describe('snapshots', () => describeSnapshots(harness));
    describe('tickets', () => describeTickets(harness));
    describe('explaining', () => describeExplaining(harness));
    describe('any history', () => describeModel(createHarness, model));
  });
}
