import * as contract from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import type * as http from './http-wire.ts';
import * as wire from './wire.ts';

/** Compiles only when the two types are the same. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const same = <A, B>(proof: Same<A, B>): boolean => proof;

test('the types of the package are those of the contract', () => {
  const proofs = [
    same<wire.ParentJobProgress, contract.ParentJobProgress>(true),
    same<wire.JobEvent, contract.JobEvent>(true),
    same<wire.ControlMessage, contract.ControlMessage>(true),
    same<wire.LifecycleEvent, contract.LifecycleEvent>(true),
    same<wire.JobProgressEvent, contract.JobProgressEvent>(true),
    same<wire.JobError, contract.JobError>(true),
    same<wire.PipelineEvent, contract.PipelineEvent>(true),
    same<wire.PipelineStep, contract.PipelineStep>(true),
    same<wire.ChildStatus, contract.ChildStatus>(true),
    same<http.ParentView, contract.ParentView>(true),
    same<http.ChildView, contract.ChildView>(true),
    same<http.ChildProgress, contract.ChildProgress>(true),
    same<http.StoredStep, contract.PipelineEventList['events'][number]>(true),
    same<http.LogLine, contract.JobLog['lines'][number]>(true),
    same<http.Command, contract.Command>(true),
    same<http.ProblemCode, contract.ProblemCode>(true),
    same<wire.Identity, contract.WireIdentity>(true),
    same<wire.RefusalCode, contract.RefusalCode>(true),
    // What it says is a part of what may be said.
    same<Extract<wire.ClientMessage, contract.ClientMessage>, wire.ClientMessage>(true),
  ];
  expect(proofs).not.toContain(false);
});

test('so are its constants', () => {
  expect(wire.SUBPROTOCOL).toBe(contract.SUBPROTOCOL);
  expect(wire.NAMED_JOBS_MAX).toBe(contract.LIMITS.wsJobsPerConnection);
  expect(wire.LISTED_JOBS_MAX).toBe(contract.LIMITS.listPageMax);
  expect(wire.LONG_POLL_SECONDS).toBeLessThan(contract.LIMITS.longPollMaxSeconds);
});

test('and its rules: when to come back, and what has ended', () => {
  for (let code = 1000; code < 5000; code += 1) {
    expect([code, wire.mayReconnect(code)]).toEqual([code, contract.mayReconnect(code)]);
  }
  for (const status of contract.PARENT_STATUSES) expect(wire.isEnded(status)).toBe(isParentEnded(status));
});
