/** @jest-environment @happy-dom/jest-environment */
import { UnreachableError } from '@progeny/client';
import { progressOf } from '@progeny/client/testing';
import { act } from 'react';
import { createTimedScene } from './testing/timed-scene.tsx';
import { useJobLog } from './use-job-log.ts';

const at = createTimedScene();

const Log = ({ jobId }: { jobId: string }): string => {
  const { lines, isLoading, error } = useJobLog(jobId);
  return isLoading ? 'loading' : `${error?.code ?? ''}${lines.map(({ line }) => line).join(', ')}`;
};

describe('the log of a job', () => {
  let reads = 0;
  beforeEach(() => {
    reads = 0;
    at.fake.api.log = async () => {
      reads += 1;
      return [{ number: reads, at: '', line: `line ${reads}` }];
    };
  });

  test('is read again when its counts change, at most once a second and the last change always', async () => {
    at.show(<Log jobId="a" />);
    expect(at.shown()).toBe('loading');
    await at.pass(1_000);
    const before = reads;
    for (let version = 1; version <= 30; version += 1) {
      act(() => at.fake.accept(progressOf('a', version)));
      await at.pass(100);
    }
    await at.pass(2_000);
    expect(reads - before).toBeGreaterThanOrEqual(3);
    expect(reads - before).toBeLessThanOrEqual(5);
    expect(at.shown()).toBe(`line ${reads}`);
    const after = reads;
    act(() => at.fake.accept(progressOf('b', 1)));
    await at.pass(10_000);
    expect(reads).toBe(after);
  });

  test('that cannot be read says so and is asked for again', async () => {
    const { log } = at.fake.api;
    at.fake.api.log = () => Promise.reject(new UnreachableError());
    at.show(<Log jobId="a" />);
    await at.pass(0);
    expect(at.shown()).toBe('unreachable');
    at.fake.api.log = log;
    await at.pass(5_000);
    expect(at.shown()).toMatch(/^line/);
  });
});
