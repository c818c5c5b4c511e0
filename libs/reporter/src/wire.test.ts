import * as contract from '@progeny/contract';
import * as wire from './wire.ts';

/** Compiles only when the two types are the same. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const same = <A, B>(proof: Same<A, B>): boolean => proof;

test('the types of the package are those of the contract', () => {
  const proofs = [
    same<wire.ReportedStatus, contract.ReportedStatus>(true),
    same<wire.JobError, contract.JobError>(true),
    same<wire.PipelineStep, contract.PipelineStep>(true),
    same<wire.FailurePolicy, contract.FailurePolicy>(true),
  ];
  expect(proofs).not.toContain(false);
});

test('so are its bounds', () => {
  const { LIMITS } = contract;
  expect(wire.MANAGER_LIMITS).toMatchObject({
    payloadMaxBytes: LIMITS.payloadMaxBytes,
    keyMaxBytes: LIMITS.childKeyMaxBytes,
    stepsMax: LIMITS.pipelineEventsKept,
    sealTimeoutMaxSeconds: LIMITS.sealTimeoutMaxSeconds,
    listPageMax: LIMITS.listPageMax,
  });
  const longest = {
    stage: 'x'.repeat(wire.MANAGER_LIMITS.stageMaxChars),
    label: 'x'.repeat(wire.MANAGER_LIMITS.labelMaxChars),
  };
  expect(contract.progressReportSchema.safeParse(longest).success).toBe(true);
  const name = 'x'.repeat(wire.MANAGER_LIMITS.nameMaxChars);
  expect(contract.createJobSchema.safeParse({ type: 'custom', name }).success).toBe(true);
});
