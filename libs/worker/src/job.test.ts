import type * as contract from '@progeny/contract';
import type { ChildInput, JobError, PipelineStep } from './job.ts';

/** Compiles only when the first can be used as the second. */
const fits = <From, To>(proof: [From] extends [To] ? true : false): boolean => proof;

test('what a handler says in the types of the package is what the contract takes', () => {
  const proofs = [
    fits<Required<ChildInput>, contract.ChildInput>(true),
    fits<contract.ChildInput, ChildInput>(true),
    fits<Required<JobError>, contract.JobError>(true),
    fits<contract.JobError, JobError>(true),
    fits<PipelineStep, contract.PipelineStep>(true),
    fits<contract.PipelineStep, PipelineStep>(true),
  ];
  expect(proofs).not.toContain(false);
});
