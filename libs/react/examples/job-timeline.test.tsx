/** @jest-environment @happy-dom/jest-environment */
import { ProblemError } from '@progeny/client';
import { stepOf } from '@progeny/client/testing';
import { act } from 'react';
import { createTimedScene } from '../src/testing/timed-scene.tsx';
import { JobTimeline } from './job-timeline.tsx';

const at = createTimedScene();

test('the example shows the steps, the log, and why a command was refused', async () => {
  at.fake.api.log = async () => [{ number: 1, at: '', line: 'Child 0193a3c5 -> completed.' }];
  at.fake.api.command = () => Promise.reject(new ProblemError('job_ended', 'The job has ended', 409, null));
  at.show(<JobTimeline jobId="a" />);
  await at.pass(0);
  at.tell(stepOf('a', 1));
  expect(at.shown()).toBe('Cancelpage_startedChild 0193a3c5 -> completed.');
  await act(async () => document.querySelector('button')?.click());
  expect(document.querySelector('[role="alert"]')?.textContent).toBe('The job has ended');
});
