/** @jest-environment @happy-dom/jest-environment */
import type { JobView } from '@progeny/contract';
import { act } from 'react';
import { childOf, PARENT_ID, parentOf, problem } from '../testing/jobs.ts';
import { type Mounted, mount } from '../testing/mount.tsx';
import { JobPage } from './job-page.tsx';

let page: Mounted;
let job: () => Response;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
});
afterEach(() => {
  page.unmount();
  jest.useRealTimers();
});

const settle = (ms = 0) => act(() => jest.advanceTimersByTimeAsync(ms));
/** What the gateway tells. */
const told = (state: Parameters<Mounted['client']['accept']>[0]) => act(() => page.client.accept(state));
const gone = () => problem('job_not_found', 'There is no such job', 404);
const open = async (shown: () => JobView | Response, others: Record<string, JobView> = {}) => {
  job = () => {
    const answer = shown();
    return answer instanceof Response ? answer : Response.json(answer);
  };
  page = mount(<JobPage jobId={PARENT_ID} />, (request) => {
    if (request === `GET /v1/jobs/${PARENT_ID}`) return job();
    if (request.includes('/children?')) return Response.json({ children: [], next_cursor: null });
    const other = others[request.replace('GET /v1/jobs/', '')];
    if (other) return Response.json(other);
    if (request.endsWith('/events')) return Response.json({ events: [] });
    return gone();
  });
  await settle();
};

test('a job that never was and one that is gone meanwhile are told apart', async () => {
  await open(gone);
  expect(page.find('h1').textContent).toBe('There is no such job');
  page.unmount();
  await open(() => parentOf('completed', { completed: 1 }));
  expect(page.find('h1').textContent).toBe('x.example');
  job = gone;
  await settle(11_000);
  expect(page.find('h1').textContent).toBe('This job has been deleted');
});

test('a job that the gateway says is gone is asked for at once, and shown as deleted', async () => {
  await open(() => parentOf('completed', { completed: 1 }));
  job = gone;
  act(() =>
    page.say({
      type: 'refused',
      timestamp: '2026-01-01T00:00:00.000Z',
      payload: { job_ids: [PARENT_ID], code: 'job_not_found', message: 'Gone', retryable: false },
    }),
  );
  await settle(1_500);
  expect(page.find('h1').textContent).toBe('This job has been deleted');
});

describe('a parent that is nested in others', () => {
  const [MIDDLE, OUTER] = ['01890000-0000-7000-8000-00000000000b', '01890000-0000-7000-8000-00000000000a'];
  const nested = () => parentOf('running', { running: 1 }, { parent_id: MIDDLE, key: 'part' });

  test('says in which, each with a way there, and is a parent otherwise', async () => {
    await open(nested, {
      [MIDDLE]: parentOf('running', {}, { job_id: MIDDLE, parent_id: OUTER, name: 'middle' }),
      [OUTER]: parentOf('running', {}, { job_id: OUTER, name: 'outer' }),
    });
    await settle(100);
    const links = [...page.find('[data-testid="trail"]').querySelectorAll('a')];
    expect(links.map((link) => [link.textContent, link.getAttribute('href')])).toEqual([
      ['Crawls', '/'],
      ['outer', `/jobs/${OUTER}`],
      ['middle', `/jobs/${MIDDLE}`],
    ]);
    expect(page.has('.job-facts span', 'Key part')).toBe(true);
    expect(page.requests).toContainEqual(expect.stringContaining(`/v1/jobs/${PARENT_ID}/children?`));
    expect(page.has('[data-testid="pause-job"]')).toBe(true);
  });

  test('has a way back before it is known what that is called', async () => {
    await open(nested);
    const links = [...page.find('[data-testid="trail"]').querySelectorAll('a')];
    expect(links.map((link) => link.getAttribute('href'))).toEqual(['/', `/jobs/${MIDDLE}`]);
  });
});

test('a job that is run again no longer shows why it had failed', async () => {
  const error = { error_code: 'too_many_failed', user_message: 'Too many failed.', technical_detail: 'x' };
  await open(() => parentOf('failed', { failed: 3 }, { error }));
  expect(page.find('[data-testid="failure"]').textContent).toContain('Too many failed.');
  told(parentOf('running', { pending: 3 }, { version: 2 }).progress);
  await settle(100);
  expect(page.has('[data-testid="failure"]')).toBe(false);
});

test('one that ended again as it had before is read anew', async () => {
  await open(() => parentOf('completed', { completed: 1 }));
  job = () => Response.json(parentOf('completed', { completed: 1 }, { version: 5, run: 2 }));
  told(parentOf('completed', { completed: 1 }, { version: 5 }).progress);
  await settle(2_000);
  expect(page.has('.job-facts span', 'Run 2')).toBe(true);
});

test('a child has its own view, and its end is read when its status changes', async () => {
  const child = childOf({ job_id: PARENT_ID, parent_id: '01890000-0000-7000-8000-00000000000f' });
  const running = { ...child, status: 'running' as const, error: null, finished_at: null };
  await open(() => running);
  expect(page.find('[data-testid="child-stage"]').textContent).toBe('Parsing');
  expect(page.find('.facts-empty').textContent).toBe('Nothing yet');
  job = () =>
    Response.json({ ...child, version: 3, status: 'completed', error: null, result: { words: 42 } });
  const { job_id, progress_stage, progress_label } = running;
  told({
    ...{ job_id, progress_stage, progress_label, version: 2 },
    status: 'running',
    progress_percentage: 60,
  });
  told({
    ...{ job_id, version: 3, progress_stage: 'complete', progress_label: '' },
    status: 'completed',
    progress_percentage: 100,
  });
  await settle(2_000);
  expect(page.find('[data-testid="child-percent"]').textContent).toBe('100%');
  expect(page.find('pre', 'words').textContent).toContain('"words": 42');
});

test('a child that has begun without telling of a stage is not shown as queued', async () => {
  const queued = { progress_percentage: 0, progress_stage: 'queued', progress_label: '' };
  const parent_id = '01890000-0000-7000-8000-00000000000f';
  const begun = childOf({ job_id: PARENT_ID, parent_id, status: 'running', error: null, ...queued });
  await open(() => begun);
  // How a gateway tells of such a child: it says no status, so the client takes it for queued.
  told({ job_id: PARENT_ID, version: 2, status: 'pending', ...queued });
  await settle(100);
  expect(page.find('[data-testid="child-stage"]').textContent).toBe('Begun');
  job = () => Response.json({ ...begun, version: 3 });
  told({ job_id: PARENT_ID, version: 3, status: 'pending', ...queued });
  await settle(2_000);
  expect(page.find('[data-testid="child-stage"]').textContent).toBe('Begun');
});
