/** @jest-environment @happy-dom/jest-environment */
import { act } from 'react';
import { parentOf, problem } from '../testing/jobs.ts';
import { type Mounted, mount } from '../testing/mount.tsx';
import { CrawlForm } from './crawl-form.tsx';

let page: Mounted;
let bodies: unknown[];
let answer: () => Response;
beforeEach(async () => {
  bodies = [];
  answer = () => Response.json(parentOf('pending'), { status: 201 });
  page = mount(<CrawlForm />, (request, init) => {
    if (request === 'GET /page-config.json') return Response.json({ gateway_url: '', demo_url: null });
    bodies.push(JSON.parse(String(init?.body)));
    return answer();
  });
  await act(async () => undefined);
});
afterEach(() => page.unmount());

const fieldOf = (label: string): HTMLInputElement => {
  const id = page.find('label', label).getAttribute('for');
  return page.find(`[id="${id}"]`) as HTMLInputElement;
};
const lineOf = (label: string) => fieldOf(label).closest('.option-field')?.querySelector('.option-line');
const type = (input: HTMLInputElement | HTMLSelectElement, value: string) =>
  act(() => {
    const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), 'value')?.set;
    set?.call(input, value);
    input.dispatchEvent(new Event(input.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
  });
const submit = async () => {
  await page.click(page.find('[data-testid="start-crawl"]'));
  await act(() => new Promise((resolve) => requestAnimationFrame(resolve)));
};
const details = () => page.find('details') as HTMLDetailsElement;

test('a mistake among the options opens them, stands in place of the hint and has the cursor', async () => {
  type(page.find('[data-testid="url-input"]') as HTMLInputElement, 'x.example');
  type(fieldOf('Deadline'), '30');
  expect(details().open).toBe(false);
  expect(lineOf('Deadline')?.textContent).toBe('Then it fails, and what is open is cancelled');
  await submit();
  expect(bodies).toEqual([]);
  expect(details().open).toBe(true);
  expect(lineOf('Deadline')?.textContent).toBe('Say the unit too: 30s, 30m or 30h');
  expect(document.activeElement).toBe(fieldOf('Deadline'));
  expect(fieldOf('Deadline').getAttribute('aria-describedby')).toBe(lineOf('Deadline')?.id);

  type(fieldOf('Deadline'), '30m');
  expect(lineOf('Deadline')?.textContent).toBe('Then it fails, and what is open is cancelled');
  type(fieldOf('Priority'), '7');
  await submit();
  expect(bodies).toMatchObject([{ priority: 7, deadline_seconds: 1_800, failure_policy: 'continue' }]);
});

test('how many may fail is asked for when it matters', async () => {
  type(page.find('[data-testid="url-input"]') as HTMLInputElement, 'x.example');
  expect(page.has('.max-failed')).toBe(false);
  type(page.find('select') as HTMLSelectElement, 'max_failed');
  type(page.find('.max-failed') as HTMLInputElement, 'some');
  await submit();
  expect(lineOf('When pages fail')?.textContent).toBe('A number such as 20, or a share such as 5%');
  expect(document.activeElement).toBe(page.find('.max-failed'));
  type(page.find('.max-failed') as HTMLInputElement, '3');
  await submit();
  expect(bodies).toMatchObject([{ failure_policy: { max_failed: 3 } }]);
});

test('what the server finds wrong stands beside its field as well', async () => {
  answer = () =>
    problem('invalid_request', 'The request is wrong', 400, [{ path: 'priority', message: 'too high' }]);
  type(page.find('[data-testid="url-input"]') as HTMLInputElement, 'x.example');
  await submit();
  expect(details().open).toBe(true);
  expect(lineOf('Priority')?.textContent).toBe('Too high');
});
