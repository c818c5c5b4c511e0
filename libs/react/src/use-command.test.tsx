/** @jest-environment @happy-dom/jest-environment */
import { type Command, ProblemError } from '@progeny/client';
import { C, childProgressOf } from '@progeny/client/testing';
import { act, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { createTimedScene, within } from './testing/timed-scene.tsx';
import { useChildProgress } from './use-child-progress.ts';
import { useCommand } from './use-command.ts';
import { useJobLog } from './use-job-log.ts';
import { useJobSteps } from './use-job-steps.ts';

const at = createTimedScene();
let results: unknown[] = [];

const Commands = ({ jobId }: { jobId: string }): ReactElement => {
  const { run, pending, error, reset } = useCommand(jobId);
  const give = (command: Command): void => void run(command).then((result) => results.push(result));
  return (
    <>
      <button type="button" id="cancel" onClick={() => give('cancel')} />
      <button type="button" id="reset" onClick={reset} />
      <p>{`${pending ?? 'at rest'} ${error?.code ?? ''}`}</p>
    </>
  );
};

describe('a command', () => {
  beforeEach(() => {
    results = [];
  });

  test('is pending until it is answered, and not given twice meanwhile', async () => {
    const given: [string, Command][] = [];
    let answer = (_: null): void => undefined;
    at.fake.api.command = (jobId, command) => {
      given.push([jobId, command]);
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    at.show(<Commands jobId="a" />);
    at.press('cancel');
    at.press('cancel');
    expect(at.shown()).toBe('cancel ');
    await act(async () => answer(null));
    expect([at.shown(), given, results]).toEqual(['at rest ', [['a', 'cancel']], [undefined, null]]);
  });

  test('that is refused says why, until it is taken away or another is given', async () => {
    at.fake.api.command = () => Promise.reject(new ProblemError('job_ended', 'The job has ended', 409, null));
    at.show(<Commands jobId="a" />);
    await act(async () => at.press('cancel'));
    expect([at.shown(), results]).toEqual(['at rest job_ended', [undefined]]);
    at.press('reset');
    expect(at.shown()).toBe('at rest ');
  });

  test('to another job knows nothing of the first', async () => {
    at.fake.api.command = () => Promise.reject(new ProblemError('job_ended', 'The job has ended', 409, null));
    at.show(<Commands jobId="a" />);
    await act(async () => at.press('cancel'));
    at.show(<Commands jobId="b" />);
    expect(at.shown()).toBe('at rest ');
  });
});

const Child = (): string => {
  const child = useChildProgress(C);
  return child ? `${child.status} ${child.progress_percentage}` : 'unknown';
};

test('a child shows how far it is, and is watched while it is shown', () => {
  at.show(<Child />);
  expect([at.shown(), at.fake.held]).toEqual(['unknown', { watchers: [C], listeners: 1 }]);
  act(() => at.fake.accept(childProgressOf(3)));
  expect(at.shown()).toBe('running 40');
});

const All = (): string =>
  [useJobSteps('a').isLoading, useJobLog('a').isLoading, useCommand('a').pending, useChildProgress(C)].join();

test('on a server nothing is read', () => {
  const fail = () => Promise.reject(new Error('read on a server'));
  Object.assign(at.fake.api, { steps: fail, log: fail });
  expect(renderToString(within(at.fake, <All />))).toBe('true,true,,');
});
