/** @jest-environment @happy-dom/jest-environment */
import { connect, type ProgenyClient } from '@progeny/client';
import { progressOf } from '@progeny/client/testing';
import { act, memo, type ReactElement } from 'react';
import { ProgenyProvider, useJobProgress, useJobs } from './index.ts';
import { type Mounted, mount } from './testing/mount.tsx';

const JOBS = 500;
const CHANGING = 250;
const STEP_MS = 20;
const SECONDS = 10;
const RENDERS_PER_SECOND_MAX = 20;

const idOf = (index: number): string => `job-${String(index).padStart(4, '0')}`;
/** A connection that never stands: what happens is told through `accept`. */
class SilentSocket extends EventTarget {
  send(): void {}
  close(): void {}
}

let client: ProgenyClient;
let page: Mounted;
let listRenders = 0;
const rowRenders = new Map<string, number>();
const versions = new Map<string, number>();

const Row = memo(function Row({ jobId }: { jobId: string }): ReactElement {
  const progress = useJobProgress(jobId);
  rowRenders.set(jobId, (rowRenders.get(jobId) ?? 0) + 1);
  return <li id={jobId}>{progress?.version}</li>;
});
function List(): ReactElement {
  const jobs = useJobs();
  listRenders += 1;
  return (
    <ul>
      {jobs.map(({ job_id }) => (
        <Row key={job_id} jobId={job_id} />
      ))}
    </ul>
  );
}

const change = (index: number, more: Parameters<typeof progressOf>[2] = {}): void => {
  const version = (versions.get(idOf(index)) ?? 0) + 1;
  versions.set(idOf(index), version);
  client.accept(progressOf(idOf(index), version, more));
};
const pass = (ms: number, task: () => void = () => undefined): void =>
  act(() => {
    task();
    jest.advanceTimersByTime(ms);
  });
const forgetRenders = (): void => {
  listRenders = 0;
  rowRenders.clear();
};
const shownOf = (index: number): string | null | undefined =>
  page.container.querySelector(`#${idOf(index)}`)?.textContent;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
  versions.clear();
  client = connect({
    url: 'ws://gateway.example/ws',
    WebSocket: SilentSocket as unknown as NonNullable<Parameters<typeof connect>[0]['WebSocket']>,
    fetch: () => new Promise(() => undefined),
  });
  page = mount(
    <ProgenyProvider client={client}>
      <List />
    </ProgenyProvider>,
  );
  pass(1_000, () => {
    for (let index = 0; index < JOBS; index += 1) change(index);
  });
  forgetRenders();
});
afterEach(() => {
  page.unmount();
  client.close();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test('500 rows, a hot job at 50 updates a second among 250 that change: no row renders in vain, the list never', () => {
  const before = new Map(versions);
  for (let step = 0; step < (SECONDS * 1_000) / STEP_MS; step += 1) {
    pass(STEP_MS, () => {
      change(0);
      change(1 + (step % (CHANGING - 1)));
    });
  }
  pass(1_000);

  expect(listRenders).toBe(0);
  const changesOf = (jobId: string): number => (versions.get(jobId) ?? 0) - (before.get(jobId) ?? 0);
  const inVain = [...rowRenders].filter(([jobId, renders]) => renders > changesOf(jobId));
  expect(inVain).toEqual([]);
  const hot = rowRenders.get(idOf(0)) ?? 0;
  expect(hot).toBeLessThanOrEqual(SECONDS * RENDERS_PER_SECOND_MAX + 1);
  expect(hot).toBeGreaterThan(SECONDS * 10);
  for (let index = 0; index < JOBS; index += 1) {
    expect(shownOf(index)).toBe(String(versions.get(idOf(index))));
  }
});

test('a job that ends renders the list once and no row but its own', () => {
  pass(1_000, () => change(7, { status: 'completed' }));
  expect(listRenders).toBe(1);
  expect([...rowRenders]).toEqual([[idOf(7), 1]]);
});

test('a new job renders the list once, stands first, and no other row renders', () => {
  pass(1_000, () => change(JOBS));
  expect(listRenders).toBe(1);
  expect([...rowRenders.keys()]).toEqual([idOf(JOBS)]);
  expect(page.container.querySelector('li')?.id).toBe(idOf(JOBS));
});
