/** @jest-environment @happy-dom/jest-environment */
import { type StoredStep, UnreachableError } from '@progeny/client';
import { completedOf, progressOf, stepOf } from '@progeny/client/testing';
import { act } from 'react';
import { createTimedScene } from './testing/timed-scene.tsx';
import { useJobSteps } from './use-job-steps.ts';

const at = createTimedScene();

const Steps = ({ jobId }: { jobId: string }): string => {
  const { steps, isLoading, error } = useJobSteps(jobId);
  return `${isLoading ? 'loading ' : ''}${error ? `${error.code} ` : ''}${steps.map(({ number }) => number).join(' ')}`;
};

const stored = (...numbers: number[]): StoredStep[] =>
  numbers.map((number) => {
    const { at, step } = stepOf('a', number).payload as StoredStep;
    return { number, at, step };
  });

describe('the steps of a job', () => {
  const answers: StoredStep[][] = [];
  let reads: string[] = [];
  beforeEach(() => {
    reads = [];
    answers.length = 0;
    at.fake.api.steps = async (jobId) => {
      reads.push(jobId);
      return answers.shift() ?? [];
    };
  });

  test('are read when the job is shown, and again when the gateway has begun to tell of it', async () => {
    answers.push([], stored(1), stored(1, 2));
    at.show(<Steps jobId="a" />);
    expect(at.shown()).toBe('loading ');
    await at.pass(0);
    expect(at.shown()).toBe('1');
    act(() => at.fake.subscribed('a'));
    await at.pass(1_000);
    expect(at.shown()).toBe('1 2');
    expect(new Set(reads)).toEqual(new Set(['a']));
  });

  test('come live behind what was read, each once and in order', async () => {
    answers.push([], stored(1, 2));
    at.show(<Steps jobId="a" />);
    at.tell(stepOf('a', 3));
    await at.pass(0);
    expect(at.shown()).toBe('1 2 3');
    at.tell(stepOf('a', 4), stepOf('a', 4), stepOf('b', 9));
    expect(at.shown()).toBe('1 2 3 4');
    await at.pass(10_000);
    expect(reads).toHaveLength(3);
  });

  test('are read again when one is missing, not for each', async () => {
    answers.push([], stored(1));
    at.show(<Steps jobId="a" />);
    await at.pass(1_000);
    answers.push(stored(1, 2, 3, 4, 5));
    const before = reads.length;
    at.tell(stepOf('a', 3), stepOf('a', 5));
    expect(at.shown()).toBe('1 3 5');
    await at.pass(1_000);
    expect(at.shown()).toBe('1 2 3 4 5');
    expect(reads.length - before).toBeLessThanOrEqual(2);
  });

  test('are read again at the end, and a while after progress that no step came with', async () => {
    at.show(<Steps jobId="a" />);
    await at.pass(1_000);
    const before = reads.length;
    at.tell({ type: 'parent_job_progress', payload: progressOf('a', 2), timestamp: '' });
    await at.pass(4_900);
    expect(reads.length).toBe(before);
    answers.push(stored(1));
    await at.pass(100);
    expect([at.shown(), reads.length - before]).toEqual(['1', 1]);
    await at.pass(1_000);
    answers.push(stored(1, 2));
    at.tell(completedOf('a', 2));
    await at.pass(0);
    expect(at.shown()).toBe('1 2');
  });

  test('are the newest that are kept', async () => {
    answers.push([], stored(...Array.from({ length: 200 }, (_, index) => index + 1)));
    at.show(<Steps jobId="a" />);
    await at.pass(0);
    at.tell(stepOf('a', 201));
    expect(at.shown()?.split(' ')).toHaveLength(200);
    expect(at.shown()?.endsWith('200 201')).toBe(true);
  });

  test('that cannot be read say so, stay shown, and are asked for again', async () => {
    answers.push([], stored(1));
    at.show(<Steps jobId="a" />);
    await at.pass(1_000);
    const { steps } = at.fake.api;
    at.fake.api.steps = () => Promise.reject(new UnreachableError());
    act(() => at.fake.subscribed('a'));
    await at.pass(0);
    expect(at.shown()).toBe('unreachable 1');
    at.fake.api.steps = steps;
    answers.push(stored(1, 2));
    await at.pass(5_000);
    expect(at.shown()).toBe('1 2');
  });
});
