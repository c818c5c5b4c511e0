import { createMemoryHarness } from './contract-suite/memory-harness.ts';
import { describeJobStoreContract } from './contract-suite.ts';

describeJobStoreContract('memory', createMemoryHarness, { modelRuns: 100 });
