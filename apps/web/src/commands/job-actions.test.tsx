/** @jest-environment @happy-dom/jest-environment */
import type { ParentView } from '@progeny/contract';
import { act } from 'react';
import { PARENT_ID, parentOf, problem } from '../testing/jobs.ts';
import { type Mounted, mount } from '../testing/mount.tsx';
import { JobActions } from './job-actions.tsx';

let page: Mounted;
afterEach(() => page.unmount());

const actionsOf = (job: ParentView) => <JobActions job={job} progress={job.progress} />;
const names = () =>
  [...page.container.querySelectorAll('.actions > button')].map(
    (button) => button.querySelector('[data-shown]')?.textContent,
  );
const button = (testId: string) => page.find(`[data-testid="${testId}"]`);
const never = new Promise<Response>(() => undefined);

test.each([
  ['pending', {}, ['Pause', 'Cancel']],
  ['running', { running: 1 }, ['Pause', 'Cancel']],
  ['running', { running: 1, failed: 2 }, ['Retry failed', 'Pause', 'Cancel']],
  ['paused', { pending: 1 }, ['Resume', 'Cancel']],
  ['completed', { completed: 1 }, ['Delete']],
  ['failed', { failed: 1 }, ['Retry failed', 'Delete']],
  ['cancelled', { cancelled: 1 }, ['Delete']],
] as const)('%s with %j offers %j', (status, counts, expected) => {
  page = mount(actionsOf(parentOf(status, counts)));
  expect(names()).toEqual(expected);
});

test('a job that is nested in another is not deleted by itself', async () => {
  const nested = (status: 'running' | 'failed') => parentOf(status, { failed: 1 }, { parent_id: 'outer' });
  page = mount(actionsOf(nested('running')));
  expect(names()).toEqual(['Retry failed', 'Pause', 'Cancel']);
  page.render(actionsOf(nested('failed')));
  expect(names()).toEqual(['Retry failed']);
});

test('a delete that the server refuses because of that says so', async () => {
  page = mount(actionsOf(parentOf('completed', { completed: 1 })), () =>
    problem('nested_job', 'Nested', 409),
  );
  await page.click(button('delete-job'));
  await page.click(button('confirm-delete'));
  expect(page.find('dialog [role="alert"]').textContent).toContain('can only be deleted with it');
});

test('a click twice is one command, and the button works until its effect shows', async () => {
  const job = parentOf('running', { running: 1 });
  page = mount(actionsOf(job), () => Response.json(job, { status: 202 }));
  await act(async () => {
    button('pause-job').click();
    button('pause-job').click();
  });
  await page.click(button('pause-job'));
  expect(page.requests).toEqual([`POST /v1/jobs/${PARENT_ID}/pause`]);
  expect(names()).toEqual(['Pausing…', 'Cancel']);
  expect(button('pause-job').getAttribute('aria-busy')).toBe('true');
  page.render(actionsOf(parentOf('paused', { running: 1 }, { version: 2 })));
  expect(names()).toEqual(['Resume', 'Cancel']);
});

test('while one command is on its way another is not given', async () => {
  page = mount(actionsOf(parentOf('running', { running: 1, failed: 1 })), () => never);
  await page.click(button('pause-job'));
  await page.click(button('retry-failed-job'));
  expect(page.requests).toHaveLength(1);
  expect(names()).toEqual(['Retry failed', 'Pausing…', 'Cancel']);
});

test('while a pause has its effect to come the failed may be retried', async () => {
  const job = parentOf('running', { running: 1, failed: 1 });
  page = mount(actionsOf(job), () => Response.json(job, { status: 202 }));
  await page.click(button('pause-job'));
  await page.click(button('retry-failed-job'));
  expect(page.requests).toHaveLength(2);
});

test('when the button for the failed goes with them, the keyboard stays among the commands', async () => {
  const job = parentOf('failed', { failed: 1 });
  const retried = parentOf('running', { pending: 1 }, { version: 2 });
  page = mount(actionsOf(job), () => Response.json(retried, { status: 202 }));
  button('retry-failed-job').focus();
  await page.click(button('retry-failed-job'));
  page.render(actionsOf(retried));
  expect(names()).toEqual(['Pause', 'Cancel']);
  expect(document.activeElement).toBe(page.find('fieldset'));
});

test('a pause and a resume are the same button, so that the keyboard stays where it is', () => {
  page = mount(actionsOf(parentOf('running', { running: 1 })));
  const before = button('pause-job');
  page.render(actionsOf(parentOf('paused', { running: 1 })));
  expect(button('resume-job')).toBe(before);
});

test('a refusal is told in words, and goes with the next try', async () => {
  let answer = () => problem('job_cancelling', 'The job is being cancelled', 409);
  page = mount(actionsOf(parentOf('running', { running: 1 })), () => answer());
  await page.click(button('pause-job'));
  expect(page.find('[role="alert"]').textContent).toContain('The job is being stopped.');
  expect(names()).toEqual(['Pause', 'Cancel']);
  answer = () => Response.json(parentOf('paused', { running: 1 }), { status: 202 });
  await page.click(button('pause-job'));
  expect(page.find('[role="alert"]').textContent).toBe('');
});

test('a server that is away is told as such, and that another try does no harm', async () => {
  page = mount(actionsOf(parentOf('failed', { failed: 1 })), () => Promise.reject(new TypeError('failed')));
  await page.click(button('retry-failed-job'));
  expect(page.find('[role="alert"]').textContent).toContain('twice does no harm');
});

test('a cancel is asked about first; while it goes on nothing else is offered', async () => {
  const job = parentOf('running', { pending: 2, running: 1, failed: 1 });
  page = mount(actionsOf(job), () => Response.json(job, { status: 202 }));
  await page.click(button('cancel-job'));
  expect(page.find('dialog').textContent).toContain('3 pages still open are cancelled');
  expect(page.requests).toEqual([]);
  await page.click(button('confirm-cancel'));
  expect(page.requests).toEqual([`POST /v1/jobs/${PARENT_ID}/cancel`]);
  expect(page.has('dialog')).toBe(false);
  expect(names()).toEqual(['Cancelling…']);
  page.render(actionsOf(parentOf('cancelled', { cancelled: 3, failed: 1 })));
  expect(names()).toEqual(['Retry failed', 'Delete']);
  // One that was retried may be cancelled once more.
  page.render(actionsOf(parentOf('running', { pending: 1, cancelled: 3 })));
  expect(names()).toEqual(['Pause', 'Cancel']);
});

test('a delete says how many go, and leads away when they are gone', async () => {
  page = mount(
    actionsOf(parentOf('completed', { completed: 1_200 })),
    () => new Response(null, { status: 204 }),
  );
  await page.click(button('delete-job'));
  expect(page.find('dialog').textContent).toContain('It goes with its 1,200 pages');
  await page.click(button('confirm-delete'));
  expect(page.requests).toEqual([`DELETE /v1/jobs/${PARENT_ID}`]);
  expect(page.path()).toBe('/');
});

test('a refused delete stays a question, with the reason', async () => {
  page = mount(actionsOf(parentOf('completed', { completed: 1 })), () =>
    problem('forbidden', 'Your role does not allow this', 403),
  );
  await page.click(button('delete-job'));
  await page.click(button('confirm-delete'));
  expect(page.find('dialog [role="alert"]').textContent).toBe('Your role does not allow this.');
  expect(page.path()).toBe('/jobs/a');
});

test('a question that the job has answered by ending is not asked again when it is retried', async () => {
  page = mount(actionsOf(parentOf('running', { running: 1 })));
  await page.click(button('cancel-job'));
  page.render(actionsOf(parentOf('completed', { completed: 1 })));
  expect(page.has('dialog')).toBe(false);
  page.render(actionsOf(parentOf('running', { running: 1 })));
  expect(page.has('dialog')).toBe(false);
});

test('the way out of the question gives no command', async () => {
  page = mount(actionsOf(parentOf('completed', { completed: 1 })), () => never);
  await page.click(button('delete-job'));
  await page.click(page.find('dialog button', 'Keep it'));
  expect(page.has('dialog')).toBe(false);
  expect(page.requests).toEqual([]);
});
