/** @jest-environment @happy-dom/jest-environment */
import type { ConnectionState, JobEvent } from '@progeny/client';
import { progressOf } from '@progeny/client/testing';
import { act, type ReactElement, StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import {
  MissingProviderError,
  ProgenyProvider,
  useConnection,
  useJobEvents,
  useJobProgress,
  useJobs,
} from './index.ts';
import { FakeClient } from './testing/fake-client.ts';
import { type Mounted, mount } from './testing/mount.tsx';

const LIVE: ConnectionState = { status: 'live', since: 1, via: 'websocket' };
const POLLING: ConnectionState = { status: 'polling', since: 2 };

let fake: FakeClient;
let page: Mounted | undefined;
const complaints = jest.spyOn(console, 'error').mockImplementation(() => undefined);

beforeEach(() => {
  fake = new FakeClient(LIVE);
});
afterEach(() => {
  page?.unmount();
  page = undefined;
  expect(fake.held).toEqual({ watchers: [], listeners: 0 });
  expect(complaints.mock.calls).toEqual([]);
  complaints.mockClear();
});
afterAll(() => complaints.mockRestore());

const within = (element: ReactElement): ReactElement => (
  <StrictMode>
    <ProgenyProvider client={fake.client}>{element}</ProgenyProvider>
  </StrictMode>
);
const Progress = ({ jobId }: { jobId: string }): string => useJobProgress(jobId)?.progress_text ?? 'unknown';
const Jobs = (): string =>
  useJobs()
    .map(({ job_id, status }) => `${job_id} ${status}`)
    .join(', ');
const Connection = (): string => useConnection().status;
const Events = ({ jobId, onEvent }: { jobId: string; onEvent: (event: JobEvent) => void }): null => {
  useJobEvents(jobId, onEvent);
  return null;
};
const startedOf = (jobId: string): JobEvent => ({
  type: 'JOB_STARTED',
  payload: { job_id: jobId, parent_id: null, operation_type: 'crawl', seq: 1 },
  timestamp: '2026-01-01T00:00:00.000Z',
});

test('a job is watched while its component is there, once, also under StrictMode', () => {
  page = mount(within(<Progress jobId="a" />));
  expect(page.container.textContent).toBe('unknown');
  expect(fake.held).toEqual({ watchers: ['a'], listeners: 1 });
  act(() => fake.accept(progressOf('a', 3)));
  expect(page.container.textContent).toBe('0 pending, 0 running, 3 completed, 0 failed');
});

test('another job takes the place of the first at once, and the first is no longer watched', () => {
  act(() => fake.accept(progressOf('b', 7)));
  page = mount(within(<Progress jobId="a" />));
  page.render(within(<Progress jobId="b" />));
  expect(page.container.textContent).toContain('7 completed');
  expect(fake.held).toEqual({ watchers: ['b'], listeners: 1 });
});

test('a rerender for another reason does not watch anew', () => {
  const watch = jest.spyOn(fake.client, 'watch');
  page = mount(within(<Progress jobId="a" />));
  const before = watch.mock.calls.length;
  page.render(within(<Progress jobId="a" />));
  expect(watch.mock.calls.length).toBe(before);
});

test('the jobs are all watched and listed newest first, and follow what comes and changes', () => {
  page = mount(within(<Jobs />));
  expect(fake.held).toEqual({ watchers: ['all'], listeners: 1 });
  act(() => fake.accept(progressOf('job-1', 1)));
  act(() => fake.accept(progressOf('job-3', 1)));
  act(() => fake.accept(progressOf('job-2', 1)));
  expect(page.container.textContent).toBe('job-3 running, job-2 running, job-1 running');
  act(() => fake.accept(progressOf('job-2', 2, { status: 'completed' })));
  expect(page.container.textContent).toBe('job-3 running, job-2 completed, job-1 running');
});

test('the connection is shown as it is and as it becomes', () => {
  page = mount(within(<Connection />));
  expect(page.container.textContent).toBe('live');
  act(() => fake.setState(POLLING));
  expect(page.container.textContent).toBe('polling');
});

test('events reach the newest callback, of the named job alone, without watching anew', () => {
  const heard: string[] = [];
  page = mount(within(<Events jobId="a" onEvent={() => heard.push('first')} />));
  page.render(
    within(<Events jobId="a" onEvent={({ type, payload }) => heard.push(`${type} ${payload.job_id}`)} />),
  );
  expect(fake.held.watchers).toEqual(['a']);
  fake.emit(startedOf('b'));
  fake.emit(startedOf('a'));
  expect(heard).toEqual(['JOB_STARTED a']);
});

test('a component that leaves takes its watchers along and leaves those of others', () => {
  const rowsOf = (...jobIds: string[]): ReactElement =>
    within(
      <>
        {jobIds.map((jobId) => (
          <Progress key={jobId} jobId={jobId} />
        ))}
        <Progress jobId="a" />
        <Jobs />
      </>,
    );
  page = mount(rowsOf('a', 'b'));
  expect(fake.held.watchers.sort()).toEqual(['a', 'a', 'all', 'b']);
  page.render(rowsOf('b'));
  expect(fake.held.watchers.sort()).toEqual(['a', 'all', 'b']);
});

test('a server renders without watching, and a browser that knows more takes over without a mismatch', () => {
  const app = (client: FakeClient): ReactElement => (
    <ProgenyProvider client={client.client}>
      {[<Connection key="connection" />, <Progress key="progress" jobId="a" />, <Jobs key="jobs" />].map(
        (part) => (
          <p key={part.key}>{part}</p>
        ),
      )}
    </ProgenyProvider>
  );
  const server = new FakeClient(POLLING);
  server.accept(progressOf('a', 2));
  const html = renderToString(app(server));
  expect(html).toBe('<p>reconnecting</p><p>unknown</p><p></p>');
  expect(server.held).toEqual({ watchers: [], listeners: 0 });

  fake.accept(progressOf('a', 3));
  const container = document.createElement('div');
  container.innerHTML = html;
  const recovered = jest.fn();
  let leave = (): void => undefined;
  act(() => {
    const root = hydrateRoot(container, app(fake), { onRecoverableError: recovered });
    leave = () => root.unmount();
  });
  expect(recovered).not.toHaveBeenCalled();
  expect(container.textContent).toBe('live0 pending, 0 running, 3 completed, 0 faileda running');
  act(() => leave());
});

test('without a provider a hook says what is missing', () => {
  let thrown: unknown;
  try {
    renderToString(<Progress jobId="a" />);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(MissingProviderError);
  expect((thrown as MissingProviderError).code).toBe('missing_provider');
});
